package org.lewis.forward;

import java.io.IOException;

/// This build or this machine has no such device.
public final class DeviceException extends IOException {

    private static final long serialVersionUID = 1;

    DeviceException(String message) {
        super(message);
    }
}
