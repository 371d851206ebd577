package org.lewis.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.document.DocumentException;
import org.lewis.merge.Methods;

/// Every wrong recipe is refused with its place, what was expected, and what was found.
class RecipeRefusalTest {

    private static final String SLICED = """
        merge_method: ties
        base_model: base
        slices:
          - sources:
              - {model: math, layer_range: [0, 1], parameters: {weight: 1}}
        """;

    private static final String TIES = """
        merge_method: ties
        base_model: base
        models:
          - model: math
            parameters: {weight: 1}
        """;

    private static final String LEWIS = TIES + "guidance:\n";

    static Stream<Arguments> wrongRecipes() {
        return Stream.of(
                // Not a recipe at all
                refused("", "r.yaml:1:1: empty where YAML was expected"),
                refused("- ties", "r.yaml:1:1: expected a mapping, found a list of 1"),
                refused(
                        "a: 1\n---\nb: 2",
                        "r.yaml:3:1: a second document without a `name`; only the last step of the merge has none"),
                refused("a: [1, 2", "r.yaml:1:9: not valid YAML: expected ',' or ']', but got <stream end>"),
                refused("models: []", "r.yaml:1:1: \"merge_method\" is missing"),
                // Stages
                refused(
                        "name: a\n" + TIES + "---\nname: a\n" + TIES + "---\n" + TIES,
                        "r.yaml:8:7: name: line 1 has a stage \"a\", too"),
                refused("name: ''\n" + TIES + "---\n" + TIES, "r.yaml:1:7: name: expected a name, found \"\""),
                refused(
                        "name: math\n" + TIES + "---\n" + TIES,
                        "r.yaml:1:1: stages that need each other: math needs math"),
                refused(
                        "name: a\n" + TIES.replace("math", "b") + "---\nname: b\n" + TIES.replace("math", "a") + "---\n"
                                + TIES.replace("math", "b"),
                        "r.yaml:1:1: stages that need each other: b needs a needs b"),
                refused(
                        "name: a\n" + TIES + "---\n" + TIES.replace("math", "a+lora"),
                        "r.yaml:8:1: a+lora: a stage has no revisions, and takes no adapter"),
                refused(
                        "name: a\n" + TIES + "---\n" + TIES.replace("math", "a") + "guidance: {token_ids: ids.json}",
                        "r.yaml:13:11: guidance: guidance works on models in folders, not in recipes of stages:"
                                + " calibration runs models, and those of stages are never written; merge this"
                                + " document alone, and name its folder in the others"),
                // Vocabularies and chat templates
                refused(
                        TIES + "tokenizer_source: base\ntokenizer: {}",
                        "r.yaml:7:12: tokenizer: expected either `tokenizer_source` or `tokenizer`, found both"),
                refused(
                        TIES + "tokenizer: {sorce: base}",
                        "r.yaml:6:13: tokenizer.sorce: unknown key \"sorce\"; did you mean \"source\"?"),
                refused(
                        TIES + "tokenizer: {pad_to_multiple_of: 0}",
                        "r.yaml:6:33: tokenizer.pad_to_multiple_of: expected a whole number from 1 to 1048576, found"
                                + " 0"),
                refused(
                        TIES + "tokenizer: {tokens: {a: base}}",
                        "r.yaml:6:25: tokenizer.tokens.a: expected a mapping, found \"base\""),
                refused(
                        TIES + "tokenizer: {tokens: {a: {source: {kind: mean}}}}",
                        "r.yaml:6:41: tokenizer.tokens.a.source.kind: expected model_token or zero, found \"mean\""),
                refused(
                        TIES + "tokenizer: {tokens: {a: {source: {kind: model_token, model: math}}}}",
                        "r.yaml:6:34: tokenizer.tokens.a.source: expected either `token` or `token_id`"),
                refused(
                        TIES + "tokenizer: {tokens: {a: {source: base, force: 1}}}",
                        "r.yaml:6:47: tokenizer.tokens.a.force: expected true or false, found 1"),
                refused(
                        TIES + "chat_template: chat_ml",
                        "r.yaml:6:16: chat_template: neither a Jinja template nor the name of one: \"chat_ml\"; did you"
                                + " mean \"chatml\"?"),
                // Modules and what models lack
                refused(
                        "merge_method: linear\nmodules: {text_decoder: {}}",
                        "r.yaml:2:25: modules.text_decoder: expected either `models` or `slices`"),
                refused(
                        "merge_method: linear\nmodules: {}",
                        "r.yaml:2:10: modules: expected at least one module, found a" + " mapping of 0"),
                refused(
                        "merge_method: linear\nmodules: {text_decoder: {model: []}}",
                        "r.yaml:2:26: modules.text_decoder.model: unknown key \"model\"; did you mean \"models\"?"),
                refused(
                        "merge_method: ties\nbase_model: b\nmodules: {text_decoder: {models: []}}",
                        "r.yaml:3:34: modules.text_decoder.models: expected at least one model beside the base, found a"
                                + " list of 0"),
                refused(
                        "merge_method: ties\nbase_model: b\nguidance: {token_ids: x}\nmodules: {a: {models: []}}",
                        "r.yaml:3:11: guidance: guidance works on whole models, not on modules: calibration runs each"
                                + " model as it is; merge `models` with guidance first, and use the result in a recipe"
                                + " of modules"),
                refused(
                        TIES + "missing_tensors: skip",
                        "r.yaml:6:18: missing_tensors: unknown choice \"skip\"; known: refuse, keep, drop"),
                // Unknown words
                refused(
                        "merge_metod: ties",
                        "r.yaml:1:1: merge_metod: unknown key \"merge_metod\"; did you mean \"merge_method\"?"),
                refused(
                        TIES + "colour: red",
                        "r.yaml:6:1: colour: unknown key \"colour\"; known: merge_method, name, models, slices,"
                                + " modules, base_model, parameters, dtype, out_dtype, tokenizer, tokenizer_source,"
                                + " chat_template, semantics, missing_tensors, guidance"),
                refused(
                        "merge_method: tie",
                        "r.yaml:1:15: merge_method: unknown merge method \"tie\"; did you mean \"ties\"?"),
                refused(
                        "merge_method: frankenmerge",
                        "r.yaml:1:15: merge_method: unknown merge method \"frankenmerge\"; known: "
                                + String.join(", ", Methods.names())),
                refused(
                        TIES.replace("weight", "weigth"),
                        "r.yaml:5:26: models[0].parameters.weigth: ties has no parameter \"weigth\"; did you mean"
                                + " \"weight\"?"),
                refused(
                        TIES + "parameters: {densty: 0.5}",
                        "r.yaml:6:22: parameters.densty: ties has no parameter \"densty\"; did you mean \"density\"?"),
                refused(
                        TIES.replace("    parameters", "    paramters"),
                        "r.yaml:5:5: models[0].paramters: unknown key \"paramters\"; did you mean \"parameters\"?"),
                // Values out of range or of the wrong kind
                refused(
                        TIES.replace("weight: 1", "weight: 1, density: 1.7"),
                        "r.yaml:5:38: models[0].parameters.density: expected a number in (0, 1], found 1.7"),
                refused(
                        TIES.replace("weight: 1", "weight: 1, density: 0"),
                        "r.yaml:5:38: models[0].parameters.density: expected a number in (0, 1], or `weight: 0` to"
                                + " leave the model out, found 0"),
                refused(
                        TIES.replace("weight: 1", "weight: 1, density: .nan"),
                        "r.yaml:5:38: models[0].parameters.density: expected a number in (0, 1], found NaN"),
                refused(
                        TIES.replace("weight: 1", "weight: .inf"),
                        "r.yaml:5:26: models[0].parameters.weight: expected a finite number, found Infinity"),
                refused(
                        TIES.replace("weight: 1", "weight: heavy"),
                        "r.yaml:5:26: models[0].parameters.weight: expected a finite number, found \"heavy\""),
                refused(
                        TIES.replace("weight: 1", "weight: \"1%\""),
                        "r.yaml:5:26: models[0].parameters.weight: expected a finite number, found \"1%\""),
                refused(
                        TIES + "parameters: {normalize: 2}",
                        "r.yaml:6:25: parameters.normalize: expected true or false, found 2"),
                refused(
                        TIES + "parameters: {normalize: y}",
                        "r.yaml:6:25: parameters.normalize: expected true or false, found \"y\""),
                refused(
                        TIES + "parameters: {lambda: '1.0.0'}",
                        "r.yaml:6:22: parameters.lambda: expected a finite number, found \"1.0.0\""),
                refused(
                        TIES + "parameters: {lambda: 'Infinity'}",
                        "r.yaml:6:22: parameters.lambda: expected a finite number, found \"Infinity\""),
                // Keys at a wrong place, which mergekit ignores
                refused(
                        TIES + "density: 0.5",
                        "r.yaml:6:1: density: unknown key \"density\"; it belongs under `parameters`"),
                refused(
                        "merge_method: ties\nbase_model: base\nmodels: [{model: math, weight: 1}]",
                        "r.yaml:3:24: models[0].weight: unknown key \"weight\"; it belongs under `parameters`"),
                refused(
                        TIES + "parameters: {dtype: bfloat16}",
                        "r.yaml:6:21: parameters.dtype: ties has no parameter \"dtype\"; it belongs to the top level of"
                                + " the recipe"),
                refused(
                        "merge_method: linear\nmodels: [{model: a, revision: v0}]",
                        "r.yaml:2:21: models[0].revision: unknown key \"revision\"; it belongs to the model's name, as"
                                + " in `model: NAME@REVISION`"),
                refused(
                        "merge_method: linear\nmodels: [{model: a, lora: b}]",
                        "r.yaml:2:21: models[0].lora: unknown key \"lora\"; it belongs to the model's name, as in"
                                + " `model: NAME+LORA`"),
                refused(
                        "merge_method: linear\nmodels: [{model: a, layer_range: [0, 2]}]",
                        "r.yaml:2:21: models[0].layer_range: unknown key \"layer_range\"; models are merged whole, and"
                                + " `slices` take layers of them"),
                refused(
                        "merge_method: slerp\nslices: [{sources: [], merge_method: ties}]",
                        "r.yaml:2:24: slices[0].merge_method: unknown key \"merge_method\"; it belongs to the top level"
                                + " of the recipe"),
                refused(
                        "out_path: ./one\n" + TIES,
                        "r.yaml:1:1: out_path: unknown key \"out_path\"; a stage is known by its `name`, and other"
                                + " documents use it by that"),
                refused(
                        "genome: {models: [a, b]}",
                        "r.yaml:1:1: genome: unknown key \"genome\"; that is a task for mergekit-evolve, which searches"
                                + " for recipes"),
                refused(
                        "base_model: a\nexperts: [{source_model: b}]",
                        "r.yaml:2:1: experts: unknown key \"experts\"; that is a recipe for mergekit-moe, and Lewis"
                                + " makes no mixtures of experts"),
                refused(
                        TIES + "parameters: {lambda: {filter: mlp, value: big}}",
                        "r.yaml:6:43: parameters.lambda.value: expected a finite number, found \"big\""),
                refused(TIES + "parameters: 3", "r.yaml:6:13: parameters: expected a mapping, found 3"),
                // Gradients and filters
                refused(
                        TIES.replace("weight: 1", "weight: []"),
                        "r.yaml:5:26: models[0].parameters.weight: expected a finite number, or a list of them, found"
                                + " a list of 0"),
                refused(
                        TIES.replace("weight: 1", "weight: [1, {value: 2}]"),
                        "r.yaml:5:30: models[0].parameters.weight[1]: expected a finite number, found a mapping of 1"),
                refused(
                        TIES.replace("weight: 1", "weight: [{value: 2}, 1]"),
                        "r.yaml:5:39: models[0].parameters.weight[1]: expected a mapping, found 1"),
                refused(
                        TIES.replace("weight: 1", "weight: [{filter: mlp}]"),
                        "r.yaml:5:27: models[0].parameters.weight[0]: \"value\" is missing"),
                refused(
                        TIES.replace("weight: 1", "weight: {filtre: mlp, value: 1}"),
                        "r.yaml:5:27: models[0].parameters.weight.filtre: unknown key \"filtre\"; did you mean"
                                + " \"filter\"?"),
                // Models
                refused(
                        "merge_method: ties\nmodels: [{model: math}]",
                        "r.yaml:1:1: ties works on differences to a base; add `base_model`"),
                refused(
                        "merge_method: linear",
                        "r.yaml:1:1: expected one of `models`, `slices` and `modules`, found none"),
                refused("merge_method: linear\nmodels: math", "r.yaml:2:9: models: expected a list, found \"math\""),
                refused(
                        "merge_method: linear\nmodels: []",
                        "r.yaml:2:9: models: expected at least one model, found a list of 0"),
                refused(
                        "merge_method: ties\nbase_model: base\nmodels: [{model: base}]\n"
                                + "guidance: {calibration: train.jsonl}",
                        "r.yaml:3:9: models: expected at least one model beside the base, found a list of 1"),
                refused(
                        "merge_method: nuslerp\nbase_model: base\nmodels: [{model: math}]",
                        "r.yaml:3:9: models: expected exactly two models, a base not counted, found a list of 1"),
                refused(
                        "merge_method: model_stock\nbase_model: base\nmodels: [{model: math}]",
                        "r.yaml:3:9: models: expected at least two models beside the base, found a list of 1"),
                refused(
                        "merge_method: passthrough\nmodels: [{model: a}, {model: b}]",
                        "r.yaml:2:9: models: expected exactly one model, found a list of 2"),
                refused(
                        "merge_method: slerp\nbase_model: a\nmodels: [{model: b}, {model: c}]",
                        "r.yaml:3:9: models: expected exactly two models, the base counted, found a list of 2"),
                refused(
                        "merge_method: nuslerp\nbase_model: a\nmodels: [{model: a}, {model: c}]",
                        "r.yaml:3:9: models: expected exactly two models, a base not counted, found a list of 2"),
                refused(
                        "merge_method: nearswap\nbase_model: a\nmodels: [{model: b}, {model: c}]",
                        "r.yaml:3:9: models: expected exactly one model beside the base, found a list of 2"),
                refused(
                        "merge_method: model_stock\nbase_model: a\nmodels: [{model: a}, {model: c}]",
                        "r.yaml:3:9: models: expected at least two models beside the base, found a list of 2"),
                refused("merge_method: linear\nmodels: [{}]", "r.yaml:2:10: models[0]: \"model\" is missing"),
                refused(
                        "merge_method: linear\nmodels: [{model: ''}]",
                        "r.yaml:2:18: models[0].model: expected the path or name of a model, found \"\""),
                refused(
                        "merge_method: linear\nmodels: [{model: a@b@c}]",
                        "r.yaml:2:18: models[0].model: more than one '+' or '@' in \"a@b@c\"; write a path that"
                                + " contains them as {model: {path: ...}}"),
                refused(
                        "merge_method: linear\nmodels: [{model: {model: {pth: a}}}]",
                        "r.yaml:2:27: models[0].model.model.pth: unknown key \"pth\"; did you mean \"path\"?"),
                // The rest of the top level
                refused(
                        TIES + "dtype: int4",
                        "r.yaml:6:8: dtype: unknown dtype \"int4\"; known: float32, float16, bfloat16"),
                refused(
                        TIES + "dtype: float32\nout_dtype: bfloat15",
                        "r.yaml:7:12: out_dtype: unknown dtype \"bfloat15\"; did you mean \"bfloat16\"?"),
                refused(
                        TIES + "slices: []",
                        "r.yaml:1:1: expected one of `models`, `slices` and `modules`, found models and slices"),
                refused(
                        SLICED + "      - {model: base, layer_range: [0, 2]}",
                        "r.yaml:5:7: slices[0].sources: all sources of a slice need the same number of layers, found"
                                + " [0, 1] and [0, 2]"),
                refused(
                        SLICED,
                        "r.yaml:5:7: slices[0].sources: the base base is not among the sources; list it with the"
                                + " layers that the models' differ from"),
                refused(
                        SLICED.replace("[0, 1]", "[3, 3]"),
                        "r.yaml:5:36: slices[0].sources[0].layer_range: no layers from 3 up to, but without, 3"),
                refused(
                        SLICED + "guidance: {calibration: train.jsonl}",
                        "r.yaml:6:11: guidance: guidance works on whole models, not on slices: calibration runs each"
                                + " model as it is; merge `models` with guidance first, and use the result in a recipe"
                                + " of slices"),
                refused(
                        SLICED.replace("base_model: base\n", ""),
                        "r.yaml:3:5: slices[0]: ties works on differences to a base; add `base_model` here, or for the"
                                + " whole recipe"),
                refused(
                        SLICED.replace("[0, 1]", "7"),
                        "r.yaml:5:36: slices[0].sources[0].layer_range: expected two layer numbers, the first and the"
                                + " one after the last, found 7"),
                refused(
                        TIES.replace("ties", "sce") + "semantics: paper",
                        "r.yaml:6:12: semantics: sce knows no other definition than mergekit's yet"),
                refused(
                        TIES + "semantics: original",
                        "r.yaml:6:12: semantics: expected mergekit or paper, found \"original\""),
                refused(TIES + "models: []", "r.yaml:6:1: models: the key \"models\" stands here twice"),
                // Guidance
                refused(
                        LEWIS.replace("ties", "ram") + "  calibration: a.jsonl",
                        "r.yaml:7:3: guidance: ram has no densities that guidance could set"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  gamma: 0.9\n  epsilon: 0.4",
                        "r.yaml:8:10: guidance.gamma: gamma 0.9 is above epsilon 0.4; densities go from gamma, the"
                                + " lower bound, to epsilon"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  epsilon: 1.5",
                        "r.yaml:8:12: guidance.epsilon: expected a number in (0, 1], found 1.5"),
                refused(
                        LEWIS + "  samples: 3",
                        "r.yaml:7:3: guidance: needs either `calibration: FILE` or `token_ids: FILE`"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  samples: 0",
                        "r.yaml:8:12: guidance.samples: expected a whole number from 1 to 1000000, found 0"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  metric: wonda",
                        "r.yaml:8:11: guidance.metric: unknown metric \"wonda\"; did you mean \"wanda\"?"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  top_k: 0.5\n  gamma: 0.2",
                        "r.yaml:9:10: guidance.gamma: `top_k` leaves only `top_density` and `rest_density`; take one of"
                                + " `top_k` and `gamma` away"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  rest_density: 0.2",
                        "r.yaml:8:17: guidance.rest_density: `rest_density` has no effect without `top_k`"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  other_density: 0.2",
                        "r.yaml:8:18: guidance.other_density: `other_density` has no effect without `only`"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  top_k: 2",
                        "r.yaml:8:10: guidance.top_k: expected a number in (0, 1], found 2"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  scaling: min_max",
                        "r.yaml:8:12: guidance.scaling: unknown scaling \"min_max\"; did you mean \"minmax\"?"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  granularity: layers",
                        "r.yaml:8:16: guidance.granularity: unknown granularity \"layers\"; did you mean \"layer\"?"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  only: []",
                        "r.yaml:8:9: guidance.only: expected attention, mlp or components, found a list of 0"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  gama: 0.5",
                        "r.yaml:8:3: guidance.gama: unknown key \"gama\"; did you mean \"gamma\"?"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  sparsity_ratio: 1",
                        "r.yaml:8:19: guidance.sparsity_ratio: expected a number in [0, 1), found 1"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: sparsgpt",
                        "r.yaml:8:11: guidance.method: unknown guidance \"sparsgpt\"; did you mean \"sparsegpt\"?"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: wanda+sparsegpt",
                        "r.yaml:8:11: guidance.method: wanda and sparsegpt both decide which weights stay; take one"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: regmean",
                        "r.yaml:7:3: guidance: guidance by regmean is for `merge_method: regmean`"),
                refused(
                        TIES.replace("ties", "regmean"),
                        "r.yaml:1:1: regmean needs calibration text: a `guidance:` block with `method: regmean`"),
                refused(
                        LEWIS.replace("ties", "della") + "  calibration: a.jsonl\n  method: wanda",
                        "r.yaml:7:3: guidance: della does not choose weights by rank, so wanda cannot guide it"),
                refused(
                        LEWIS.replace("ties", "linear") + "  calibration: a.jsonl\n  method: aim",
                        "r.yaml:7:3: guidance: linear has no merged task vector that aim could relax"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: sparsegpt\n  sequential: true\n"
                                + "  hessian_from: base",
                        "r.yaml:10:17: guidance.hessian_from: only Hessians of the merged model can be sequential; add"
                                + " `sequential: false`"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: sparsegpt\n  pattern: 4:2",
                        "r.yaml:9:12: guidance.pattern: expected a pattern such as \"2:4\", which keeps 2 of each 4"
                                + " neighbours, found \"4:2\""),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: sparsegpt\n  pattern: 2:4\n  block_size: 30",
                        "r.yaml:9:12: guidance.pattern: a block_size of 30 is no multiple of 4"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: sparsegpt\n  pattern: 2:4\n  density: 0.5",
                        "r.yaml:10:12: guidance.density: `density` has no effect with `pattern`, which sets it"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: sparsegpt\n  per: row",
                        "r.yaml:9:8: guidance.per: `per` has no effect with `error_correction`, which chooses block by"
                                + " block"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: sparsegpt\n  percdamp: -1",
                        "r.yaml:9:13: guidance.percdamp: expected a number in [0, 1], found -1"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: sparsegpt\n  density: 0",
                        "r.yaml:9:12: guidance.density: expected a number in (0, 1], found 0"),
                refused(
                        LEWIS + "  calibration: a.jsonl\n  method: aim\n  omega: 2",
                        "r.yaml:9:10: guidance.omega: expected a number in [0, 1], found 2"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("wrongRecipes")
    void wrongRecipesAreRefused(String yaml, String message) {
        DocumentException refusal =
                catchThrowableOfType(DocumentException.class, () -> Recipe.parse("r.yaml", yaml, Path.of(".")));
        assertThat(refusal).as("a refusal of\n" + yaml).isNotNull().hasMessage(message);
    }

    @org.junit.jupiter.api.Test
    void theTableIsLongEnough() {
        assertThat(wrongRecipes()
                        .map(arguments -> Arrays.toString(arguments.get()))
                        .distinct()
                        .count())
                .isGreaterThanOrEqualTo(70);
    }

    private static Arguments refused(String yaml, String message) {
        return Arguments.of(yaml, message);
    }
}
