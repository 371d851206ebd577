package org.lewis.forward;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/// Where models compute.
public enum Device {
    CPU(DeviceType.CPU),
    /// The first NVIDIA GPU.
    CUDA(DeviceType.CUDA);

    private final DeviceType type;

    Device(DeviceType type) {
        this.type = type;
    }

    /// Makes sure that it is there, before work for it begins.
    ///
    /// @throws DeviceException when this build or this machine has none
    public void require() throws DeviceException {
        if (this == CUDA) {
            boolean built = hasLibraries();
            requireCuda(built, built && torch.cuda_is_available());
        }
    }

    DeviceType type() {
        return type;
    }

    /// @param built     whether the tensor library's natives are those for GPUs
    /// @param available whether they find a GPU
    static void requireCuda(boolean built, boolean available) throws DeviceException {
        if (!built) {
            throw new DeviceException(
                    "this build of Lewis computes on the CPU only; with LEWIS_CUDA=1 in the environment,"
                            + " ./lewis builds and runs one for NVIDIA GPUs (an 850 MB download)");
        }
        if (!available) {
            throw new DeviceException(
                    "no CUDA device is found; nvidia-smi must list one, with a driver for CUDA 13.1 or"
                            + " newer; leave --device out to compute on the CPU");
        }
    }

    private static boolean hasLibraries() {
        String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/";
        return torch.class.getResource(folder + System.mapLibraryName("jnitorch")) != null;
    }
}
