package org.lewis.calibrate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.model.Decoder;
import org.lewis.model.Decoder.FeedForward;

/// Which linears of a block read the same tensor, so that what depends on the input alone is computed and kept once.
public final class InputGroups {

    private InputGroups() {}

    /// The name of each linear's weight with that of the first of its group.
    static Map<String, String> firsts(Decoder.Block block) {
        Map<String, String> firsts = new LinkedHashMap<>();
        for (List<List<Decoder.Linear>> stage : stages(block)) {
            for (List<Decoder.Linear> group : stage) {
                group.forEach(
                        linear -> firsts.put(linear.weight(), group.getFirst().weight()));
            }
        }
        return firsts;
    }

    /// The groups of a block in the order of the forward pass. Those of one stage read nothing that another of them
    /// writes; what they read depends on the stages before.
    public static List<List<List<Decoder.Linear>>> stages(Decoder.Block block) {
        List<List<List<Decoder.Linear>>> stages = new ArrayList<>();
        stages.addAll(stages(block.attention().work()));
        stages.addAll(stages(block.feedForward().work()));
        return stages;
    }

    private static List<List<List<Decoder.Linear>>> stages(Decoder.Work work) {
        return switch (work) {
            case Decoder.Attention attention ->
                List.of(List.of(attention.qkv().linears()), List.of(List.of(attention.out())));
            case FeedForward.Plain(var up, var down, var _) -> List.of(List.of(List.of(up)), List.of(List.of(down)));
            case FeedForward.Gated(var gate, var up, var down, var _) ->
                List.of(List.of(List.of(gate, up)), List.of(List.of(down)));
            case FeedForward.GatedStacked(var gateUp, var down, var _) ->
                List.of(List.of(List.of(gateUp)), List.of(List.of(down)));
            case FeedForward.Experts(var router, var experts, var _, var _) -> {
                List<List<List<Decoder.Linear>>> stages = new ArrayList<>();
                stages.add(List.of(List.of(router)));
                stages.addAll(
                        sideBySide(experts.stream().map(InputGroups::stages).toList()));
                yield stages;
            }
        };
    }

    /// The first stages of all in one, then the second ones, and so on.
    private static List<List<List<Decoder.Linear>>> sideBySide(List<List<List<List<Decoder.Linear>>>> all) {
        List<List<List<Decoder.Linear>>> stages = new ArrayList<>();
        int most = all.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < most; i++) {
            int stage = i;
            stages.add(all.stream()
                    .filter(one -> one.size() > stage)
                    .flatMap(one -> one.get(stage).stream())
                    .toList());
        }
        return stages;
    }
}
