import ConfigurationSupport
import Experts
import Foundation
import MoE
import Runtime
import Settings
import Tensors
import TestSupport
import Testing

@testable import Configuration

@Suite("Checkpoints in a configuration")
struct CheckpointTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Puts a recorded block and its config.json into the folder.
    private func place(_ oracle: OracleCase, config: Bool = true) throws {
        try folder.link("model.safetensors", to: oracle.weights)
        if config { try folder.write(oracle.configuration(), as: "config.json") }
    }

    private func load(_ model: String, set overrides: [String] = []) throws(ConfigurationError) -> ResolvedConfiguration
    {
        let file = "\(folder.path)/a.yaml"
        do {
            try folder.write("model: {\(model)}\ncluster: {workers: 1}\n", as: "a.yaml")
        } catch {
            throw ConfigurationError(ConfigurationProblem(location: file, message: "\(error)"))
        }
        var flags: [Override] = []
        for override in overrides { flags.append(try Override(set: override)) }
        return try ConfigurationLoader.load(file: file, overrides: flags, environment: [:])
    }

    private func failures(_ model: String, set overrides: [String] = []) -> [String] {
        problems { () throws(ConfigurationError) in _ = try self.load(model, set: overrides) }
            .map { $0.replacing(folder.path, with: "DIR") }
    }

    @Test("shape and router of every recorded block come from its tensors and its config", arguments: OracleCase.files)
    func oracles(file: CaseFile) throws {
        let oracle = try OracleCase(file)
        try place(oracle)
        let name = try oracle.family()
        let layer = try oracle.layer()
        let resolved = try load("checkpoint: model.safetensors, family: \(name), layer: \(layer)")
        let configuration = resolved.plan
        let family = try CheckpointFamily.named(try #require(configuration.model.family))
        let stored = try CheckpointLayer(
            checkpoint: Checkpoint(path: oracle.weights),
            family: family,
            layer: layer,
            clamp: CheckpointConfiguration(json: oracle.configuration(), path: "config.json").clamp
        )
        let shape = configuration.modelShape
        #expect(shape.layers == 1 && shape.experts == stored.experts && shape.expert == stored.expertShape)
        #expect(shape.sharedExpert == stored.sharedShape && shape.denseExpert == stored.denseShape)
        #expect(try shape.hasSharedGate == (stored.sharedGate() != nil))
        #expect(configuration.model.checkpointLayers == [layer])

        let logits = try oracle.recorded("router_logits")
        var state = RouterState(selectionBias: try stored.selectionBias() ?? [])
        let routing = try configuration.makeRouter().route(batch(oracle, logits), state: &state)
        try expectEqualChoices(routing.plan, oracle)
        let again = try ConfigurationLoader.load(file: folder.write(resolved.yaml, as: "b/c.yaml"), environment: [:])
        #expect(again.plan == configuration)
    }

    private func batch(_ oracle: OracleCase, _ logits: Matrix) -> RouterBatch {
        let sequences = oracle.sequenceTokens(of: logits.rows).map { tokens in
            [Int](repeating: tokens, count: logits.rows / tokens)
        }
        return RouterBatch(
            tokens: logits.rows,
            experts: logits.columns,
            projections: [logits],
            sequenceLengths: sequences,
            random: CounterRandom(seed: 1, purpose: .routerNoise)
        )
    }

    /// The same kept experts with the same weights for every token.
    private func expectEqualChoices(_ plan: DispatchPlan, _ oracle: OracleCase) throws {
        let experts = try oracle.recordedIntegers("topk_index")
        let weights = try oracle.recorded("topk_weight")
        let kept = try oracle.kept()
        for token in 0..<plan.tokens {
            let rows = (token * weights.columns..<(token + 1) * weights.columns).filter { kept[$0] == 1 }
            let expected = Dictionary(uniqueKeysWithValues: rows.map { (Int32(experts[$0]), weights.values[$0]) })
            let copies = plan.copies(ofToken: token).filter { plan.isKept($0) }
            let found = Dictionary(uniqueKeysWithValues: copies.map { (plan.expert[$0], plan.weight[$0]) })
            #expect(Set(found.keys) == Set(expected.keys), "token \(token)")
            for (expert, weight) in expected {
                #expect(abs((found[expert] ?? .nan) - weight) <= 1e-6 * abs(weight), "token \(token)")
            }
        }
    }

    @Test("the family follows from model_type, or from the names where only one fits")
    func families() throws {
        try place(.fixture("olmoe"))
        let resolved = try load("checkpoint: .")
        #expect(resolved.plan.model.family == "olmoe" && resolved.plan.router.kind == "olmoe")
        #expect(resolved.plan.model.checkpointLayers == [3])
        #expect(resolved.values.first { $0.key == "model.experts" }?.source == .checkpoint(folder.path))
        let fitting = try TemporaryFolder()
        defer { extendLifetime(fitting) }
        try fitting.link("model.safetensors", to: OracleCase.fixture("dbrx").weights)
        let file = try fitting.write("model: {checkpoint: model.safetensors, layer: [3]}", as: "a.yaml")
        #expect(try ConfigurationLoader.load(file: file, environment: [:]).plan.model.family == "dbrx")
    }

    /// Kimi-VL: the language model gives family and keys, and a note says so.
    @Test("a composite model is its language model")
    func composite() throws {
        let oracle = try OracleCase.fixture("deepseek_v3")
        try place(oracle, config: false)
        let said = String(decoding: try oracle.configuration(), as: UTF8.self)
        try folder.write(#"{"model_type": "kimi_vl", "text_config": \#(said)}"#, as: "config.json")
        let resolved = try load("checkpoint: .")
        try oracle.configuration().write(to: URL(fileURLWithPath: "\(folder.path)/config.json"))
        let plain = try load("checkpoint: .")
        #expect(resolved.plan == plain.plan && resolved.plan.model.family == "deepseek-v3")
        #expect(
            resolved.notes.first?.hasPrefix(#"config.json says model_type "kimi_vl", a composite model: its text"#)
                == true
        )
    }

    /// A forced family stands for its decoder, and not for others that have its router.
    @Test("a family that does not fit is not replaced by one with its router")
    func forcedMisfit() throws {
        try place(.fixture("glm4_moe"))
        let found = failures("checkpoint: model.safetensors, family: mimo-v2-flash")
        #expect(found.first?.contains("does not fit family mimo-v2-flash") == true, "\(found)")
    }

    @Test("a family that nothing tells has to be named")
    func ambiguous() throws {
        try place(.fixture("mixtral"), config: false)
        #expect(
            failures("checkpoint: model.safetensors") == [
                "DIR/a.yaml:1:9: model.checkpoint: found a checkpoint that fits 3 families, "
                    + "allowed: model.family mixtral, phimoe or minimax-01"
            ]
        )
        #expect(failures("checkpoint: model.safetensors, family: mixtral").isEmpty)
    }

    @Test("a model that is called by two families is refused with both")
    func conflictingNames() throws {
        try place(.fixture("olmoe"))
        try folder.write(#"{"model_type": "mixtral", "architectures": ["OlmoeForCausalLM"]}"#, as: "config.json")
        let found = failures("checkpoint: model.safetensors").first ?? ""
        let said =
            "in DIR/config.json, model_type \"mixtral\" is family mixtral, but architectures \"OlmoeForCausalLM\" is family "
            + "olmoe, allowed: both of one family; "
        #expect(found.contains(said), "\(found)")
    }

    @Test("a model that is not known is refused, and a family that is forced is said")
    func unknown() throws {
        try place(.fixture("olmoe"))
        let given = "checkpoint: model.safetensors"
        for name in [#""model_type": "fancy_moe""#, #""architectures": ["FancyForCausalLM"]"#] {
            try folder.write("{\(name)}", as: "config.json")
            let found = failures(given)
            #expect(found.count == 1)
            #expect(
                found.first?.contains("in DIR/config.json, a model that is not known, allowed: model_type ") == true
            )
            let force =
                "model.family olmoe, qwen3-moe, qwen3-omni-moe, mellum or flex-olmo would force the router, activation and layout of that "
                + "family on it"
            #expect(found.first?.contains(force) == true, "\(found)")
        }
        let forced = try load(given, set: ["model.family=olmoe"])
        #expect(forced.forcedOn == #"architectures "FancyForCausalLM""#)
        #expect(
            forced.notes.first?.hasPrefix("family olmoe was forced by model.family (flag --set): config.json") == true
        )
        // Keys that are left out are those of the forced family's class.
        #expect(forced.plan.router.options.topK == 8)
        try folder.write(#"{"model_type": "olmoe"}"#, as: "config.json")
        let named = try load(given, set: ["model.family=olmoe"])
        #expect(named.forcedOn == nil && !named.notes.contains { $0.contains("forced") })
        try folder.write("{}", as: "config.json")
        #expect(failures(given).first?.contains("found no model_type in DIR/config.json") == true)
    }

    @Test("what was taken for granted is noted")
    func notes() throws {
        try place(.fixture("olmoe"))
        try folder.write(#"{"model_type": "olmoe", "num_experts": 8}"#, as: "config.json")
        #expect(
            try load("checkpoint: model.safetensors").notes == [
                "config.json leaves out keys of the router; OlmoeConfig has them as norm_topk_prob false, "
                    + "num_experts_per_tok 8 and router_aux_loss_coef 0.01",
                "config.json leaves out the number of hidden values per token: the tensors have 32, OlmoeConfig has 2048",
                "config.json leaves out the number of inner values per expert: the tensors have 32, OlmoeConfig has 2048",
            ]
        )
        // What a setting gives is not taken from the class.
        let given = try load("checkpoint: model.safetensors", set: ["router.top_k=2", "router.normalize=true"]).notes
        #expect(
            given.first
                == "config.json leaves out keys of the router; OlmoeConfig has them as router_aux_loss_coef 0.01"
        )
        let fitting = try TemporaryFolder()
        defer { extendLifetime(fitting) }
        try fitting.link("model.safetensors", to: OracleCase.fixture("dbrx").weights)
        let file = try fitting.write("model: {checkpoint: model.safetensors}", as: "a.yaml")
        #expect(
            try ConfigurationLoader.load(file: file, environment: [:]).notes == [
                "no config.json names the model: family dbrx was taken, the only one that its tensors fit, with router dbrx "
                    + "as it was published, which gives a token 4 experts (router.top_k)"
            ]
        )
        let chosen = try ConfigurationLoader.load(
            file: file,
            overrides: [Override(set: "router.top_k=2")],
            environment: [:]
        )
        #expect(chosen.notes.count == 1 && chosen.notes.first?.hasSuffix("as it was published") == true)
    }

    @Test("a number of experts per token that nothing gives has to be chosen")
    func noChoices() throws {
        try place(.fixture("deepseek_v2"))
        try folder.write(#"{"model_type": "deepseek_v2"}"#, as: "config.json")
        #expect(
            failures("checkpoint: model.safetensors").first?.hasSuffix(
                "config.json leaves out num_experts_per_tok, which DeepseekV2Config does not have, allowed: router.top_k"
            ) == true
        )
        let router = try load("checkpoint: model.safetensors", set: ["router.top_k=3"]).plan.router.options
        #expect(router.topK == 3 && router.scale == 1 && router.groups == 1)
    }

    @Test("a quantisation that is not read is refused before anything is started")
    func quantised() throws {
        try place(.fixture("mixtral"))
        try folder.write(
            #"{"model_type": "mixtral", "quantization_config": {"quant_method": "awq"}}"#,
            as: "config.json"
        )
        #expect(failures("checkpoint: model.safetensors").first?.contains(#"found quant_method "awq" in"#) == true)
    }

    @Test("the shape of every expert is looked at before anything is started")
    func shapes() throws {
        let oracle = try OracleCase.fixture("qwen2_moe")
        let broken = try broken(oracle, tensor: "experts.5.down_proj.weight") { $0.reversed() }
        try broken.write(to: URL(fileURLWithPath: "\(folder.path)/model.safetensors"))
        let found = failures("checkpoint: model.safetensors, family: qwen2-moe")
        #expect(found.count == 1)
        #expect(
            found.first?.contains("experts.5.down_proj.weight\": has shape [24, 32]; expected [32, 24]") == true,
            "\(found)"
        )
    }

    /// The bytes of a recorded block, with another shape of one tensor.
    private func broken(_ oracle: OracleCase, tensor: String, shape: ([Int]) -> [Int]) throws -> Data {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: oracle.weights))
        let length = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        var header = try #require(
            try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any]
        )
        let name = try #require(header.keys.first { $0.hasSuffix(tensor) })
        var entry = try #require(header[name] as? [String: Any])
        entry["shape"] = shape(try #require(entry["shape"] as? [Int]))
        header[name] = entry
        var json = try JSONSerialization.data(withJSONObject: header)
        json += Data(repeating: 0x20, count: (8 - json.count % 8) % 8)
        let size = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
        return Data(size) + json + bytes[(8 + length)...]
    }

    @Test("a checkpoint takes neither a preset nor a router that reads more than the gate")
    func notForCheckpoints() throws {
        try place(.fixture("mixtral"))
        let given = "checkpoint: model.safetensors, family: mixtral"
        #expect(
            failures("\(given), preset: dbrx").first?.contains("model.preset: does not apply: the checkpoint says")
                == true
        )
        for kind in ["noisy-top-k", "hierarchical"] {
            let found = failures(
                given,
                set: ["router.kind=\(kind)"] + (kind == "noisy-top-k" ? [] : ["router.hierarchy_groups=4"])
            )
            #expect(
                found.first?.contains("router.kind: found \(kind), allowed: a router that reads the gate alone") == true
            )
        }
    }

    @Test("what is wrong with a checkpoint is said at its key")
    func wrong() throws {
        try place(.fixture("mixtral"))
        let given = "checkpoint: model.safetensors"
        let place = "DIR/a.yaml:1:9: model.checkpoint: "
        #expect(failures("checkpoint: x.safetensors") == [place + "DIR/x.safetensors: does not exist"])
        #expect(
            failures("\(given), family: mixtrall").first?.hasPrefix(
                "DIR/a.yaml:1:40: model.family: found \"mixtrall\", did you mean mixtral? allowed: mixtral, phimoe, "
            ) == true
        )
        #expect(
            failures("\(given), layer: 4") == [
                place + "DIR/model.safetensors: has no mixture-of-experts layer 4 of family mixtral; its layers are 3"
            ]
        )
        #expect(
            failures("\(given), family: olmoe").first?.hasPrefix(
                place + "DIR/model.safetensors: does not fit family olmoe"
            ) == true
        )
        try folder.write(#"{"model_type": "mixtral", "num_local_experts": 9}"#, as: "config.json")
        #expect(
            failures(given) == [
                place + "DIR/model.safetensors: config.json says 9 experts; the tensors of layer 3 have 8"
            ]
        )
    }

    @Test("a part of a model is said to be one, and a layer that is chosen is taken whatever config.json says")
    func partsOfModels() throws {
        try place(.fixture("mixtral"))
        #expect(
            try load("checkpoint: model.safetensors").notes.contains {
                $0.hasPrefix(
                    "a part of a model: config.json says num_hidden_layers 32; the checkpoint has experts in layers 3"
                )
            }
        )
        try folder.write(#"{"model_type": "mixtral", "num_hidden_layers": 3}"#, as: "config.json")
        let said =
            "config.json says num_hidden_layers 3, by which there are no experts in layer 3; the tensors of layer 3 are experts"
        #expect(failures("checkpoint: model.safetensors").first?.contains(said) == true)
        let chosen = try load("checkpoint: model.safetensors, layer: 3")
        #expect(chosen.plan.model.checkpointLayers == [3] && chosen.notes.contains(said))
    }

    @Test("a size that the checkpoint does not have names both")
    func contradictions() throws {
        try place(.fixture("mixtral"))
        let source = "as checkpoint DIR/model.safetensors has it"
        #expect(
            failures("checkpoint: model.safetensors, experts: 16", set: ["model.shared_ffn=4", "model.layers=1"]) == [
                "DIR/a.yaml:1:40: model.experts: found 16, allowed: 8, \(source)",
                "flag --set: model.shared_ffn: found 4, allowed: 0, \(source)",
            ]
        )
    }

    @Test("router options beat the checkpoint; another router takes over only k")
    func overrides() throws {
        try place(.fixture("deepseek_v3"))
        let set = ["router.scale=2", "router.training=true"]
        let router = try load("checkpoint: model.safetensors", set: set).plan.router.options
        #expect(router.scale == 2 && router.training == true && router.topK == 3 && router.groups == 4)
        let other = try load("checkpoint: model.safetensors", set: ["router.kind=olmoe"]).plan.router.options
        #expect(other.topK == 3 && other.scale == nil && other.groups == nil && other.training == nil)
    }

    @Test("keys of a checkpoint need one, and a checkpoint has no seeded gate")
    func inapplicable() throws {
        #expect(
            problems(of: "model: {family: mixtral, layer: 3}") == [
                "a.yaml:1:9: model.family: does not apply: it applies when model.checkpoint is given, "
                    + "but model.checkpoint is (none) (default)",
                "a.yaml:1:26: model.layer: does not apply: it applies when model.checkpoint is given, "
                    + "but model.checkpoint is (none) (default)",
            ]
        )
        try place(.fixture("mixtral"))
        #expect(failures("checkpoint: model.safetensors", set: ["router.logit_std=2"]).count == 1)
    }
}

extension TemporaryFolder {
    /// Puts a file of another folder here.
    fileprivate func link(_ name: String, to file: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: file)
    }
}
