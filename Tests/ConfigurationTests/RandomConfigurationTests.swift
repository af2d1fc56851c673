import Basics
import Cluster
import ConfigurationSupport
import CostModel
import MoE
import Placement
import Records
import Runtime
import Settings
import Tensors
import TestSupport
import Testing
import Workloads

@testable import Configuration

@Suite("Random configurations")
struct RandomConfigurationTests {
    @Test("valid ones resolve to what they say and round-trip", arguments: 0..<200)
    func roundTrip(_ run: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        var expected = configuration(&random)
        // A deviation of logits that the router does not read cannot be given.
        let deviation = "router.logit_std"
        let checks = CrossChecks(plan: expected, sources: [deviation: .flag("--set")], scope: .run)
        let isUnread = RouterChecks(checks: checks).problems.contains { $0.key == deviation }
        if isUnread { expected.router.logitStd = RunPlan().router.logitStd }
        let texts = RunPlan.table.options.compactMap { setting -> String? in
            guard RunPlan.table.obstacle(to: setting, in: expected) == nil else { return nil }
            guard !isUnread || setting.key != deviation else { return nil }
            return setting.text(expected).map { "\(setting.key)=\($0)" }
        }
        let flags = texts.filter { _ in Bool.random(using: &random) }
        let inFile = try resolve("model: {dtype: f32}", set: texts)
        #expect(inFile.plan == expected, "seed \(seed)")
        let fromYAML = try resolve(inFile.yaml, set: flags.shuffled(using: &random))
        #expect(fromYAML.plan == expected, "seed \(seed)")
        #expect(fromYAML.yaml == inFile.yaml, "seed \(seed)")
    }

    /// A configuration that is consistent, with defaults where a setting does not apply.
    private func configuration(_ random: inout SeededRandom) -> RunPlan {
        var made = RunPlan()
        made.model.layers = .random(in: 1...1024, using: &random)
        made.model.hidden = .random(in: 1...65536, using: &random)
        made.model.experts = .random(in: 1...1000, using: &random)
        made.model.expertFfn = .random(in: 1...65536, using: &random)
        made.model.activation = .allCases.randomElement(using: &random) ?? .relu
        if made.model.activation == .clampedSwiglu {
            made.model.swigluLimit = .random(in: 1...9, using: &random)
            made.model.swigluAlpha = .random(in: 1...2, using: &random)
        }
        made.model.expertBiases = .random(using: &random)
        made.model.sharedFfn = Bool.random(using: &random) ? 0 : .random(in: 1...65536, using: &random)
        made.model.sharedGate = made.model.sharedFfn > 0 && Bool.random(using: &random)
        made.model.denseFfn = .random(in: 0...65536, using: &random)
        made.model.outputScale = .random(in: 0...2, using: &random)
        made.model.norm = .allCases.randomElement(using: &random) ?? .rms
        made.model.dtype = NumberFormat.ofProducts.randomElement(using: &random) ?? .f32
        workload(&made, &random)
        cluster(&made, &random)
        hardware(&made, &random)
        router(&made, &random)
        made.run.steps = .random(in: 1...1_000_000, using: &random)
        made.run.warmup = .random(in: 0...1_000_000, using: &random)
        made.run.seed = .random(in: 0...UInt64.max, using: &random)
        made.run.out = path(&random)
        made.run.verify = .random(using: &random)
        return made
    }

    /// Texts that the options of routers take; each takes some of them.
    private static let texts = [
        "1", "2", "4", "0.5", "0.001", "true", "false", "none", "position", "choice", "batch-prioritised", "random",
        "copies", "tokens", "slots", "token-fraction", "up", "nearest", "batch", "groups", "sequences", "all",
        "threshold", "random-by-score", "sampling", "after-drop", "sign", "error", "multiplied",
    ]

    /// A router with options that fit; where none is found, the default.
    private func router(_ made: inout RunPlan, _ random: inout SeededRandom) {
        for _ in 0..<20 {
            var tried = made
            tried.router.kind = RouterCatalogue.entries.randomElement(using: &random)?.name ?? made.router.kind
            tried.router.logitStd = .random(in: 0.001...10, using: &random)
            for setting in RunPlan.table.resolutionOrder where setting.key.hasPrefix("router.") {
                let isFixed = ["router.kind", "router.logit_std"].contains(setting.key)
                guard !isFixed, RunPlan.table.obstacle(to: setting, in: tried) == nil else { continue }
                guard setting.isRequired || Int.random(in: 0..<3, using: &random) == 0 else { continue }
                for text in Self.texts.shuffled(using: &random) where setting.assign(text, &tried) { break }
            }
            if RouterChecks(checks: CrossChecks(plan: tried, sources: [:], scope: .run)).problems.isEmpty {
                made = tried
                return
            }
        }
        made.router.options.topK = 1
    }

    private func workload(_ made: inout RunPlan, _ random: inout SeededRandom) {
        made.workload.kind = .allCases.randomElement(using: &random) ?? .synthetic
        made.workload.tokens = .random(in: 1...16_777_216, using: &random)
        if Bool.random(using: &random) { made.workload.sequenceTokens = .random(in: 1...4096, using: &random) }
        if made.workload.kind == .loads {
            made.workload.groups = (1...16).filter { made.model.experts % $0 == 0 }.randomElement(using: &random) ?? 1
            made.workload.groupsKept = .random(in: 1...made.workload.groups, using: &random)
        }
        guard made.workload.kind == .synthetic else {
            made.workload.path = path(&random)
            if made.workload.kind == .activations && Bool.random(using: &random) {
                made.workload.tensor = String(path(&random).dropFirst())
            }
            return
        }
        made.workload.distribution = .allCases.randomElement(using: &random) ?? .uniform
        switch made.workload.distribution {
        case .uniform: break
        case .zipf, .powerLaw: made.workload.exponent = .random(in: 0...10, using: &random)
        case .logNormal: made.workload.sigma = .random(in: 0...10, using: &random)
        }
    }

    private func cluster(_ made: inout RunPlan, _ random: inout SeededRandom) {
        made.cluster.workers = .random(in: 1...made.model.experts, using: &random)
        made.cluster.transport = .allCases.randomElement(using: &random) ?? .ipc
        if Bool.random(using: &random) {
            let port = Int.random(in: 1...65535, using: &random)
            made.cluster.endpoint = made.cluster.transport == .ipc ? "ipc://@x\(port)" : "tcp://[::1]:\(port)"
        }
        made.cluster.placement = .policy(
            [.contiguous, .roundRobin, .random].randomElement(using: &random) ?? .contiguous
        )
        if made.model.sharedFfn > 0 || made.model.denseFfn > 0 {
            made.cluster.shared = .allCases.randomElement(using: &random) ?? .ranks
        }
        made.cluster.gateWeights = .allCases.randomElement(using: &random) ?? .worker
        made.cluster.payload = NumberFormat.ofProducts.randomElement(using: &random) ?? .bf16
        made.cluster.creditMib = .random(in: 1...65536, using: &random)
        made.cluster.threads = .random(in: 1...256, using: &random)
        made.cluster.keyFile = Bool.random(using: &random) ? path(&random) : nil
        made.cluster.heartbeatSeconds = .random(in: 0.05...60, using: &random)
        made.cluster.delayPhase = ([nil] + PhaseDelay.Phase.allCases).randomElement(using: &random) ?? nil
        if made.cluster.delayPhase != nil {
            made.cluster.delayRank = .random(in: 0..<made.cluster.workers, using: &random)
            made.cluster.delayMilliseconds = .random(in: 0...60000, using: &random)
        }
    }

    private func hardware(_ made: inout RunPlan, _ random: inout SeededRandom) {
        made.hardware.profile = ["H100-SXM", "/mine.yaml"].randomElement(using: &random) ?? ""
        made.hardware.kernel = .allCases.randomElement(using: &random) ?? .normal
        made.hardware.products = NumberFormat.ofAccelerators.randomElement(using: &random) ?? .bf16
        made.hardware.dispatch = NumberFormat.ofAccelerators.randomElement(using: &random) ?? .bf16
        made.hardware.routing = .allCases.randomElement(using: &random) ?? .tokens
        made.hardware.reservedGB = .random(in: 0...100, using: &random)
        made.run.overlap = .allCases.randomElement(using: &random) ?? .none
        guard Bool.random(using: &random) else { return }
        made.hardware.stragglerRank = .random(in: 0..<made.cluster.workers, using: &random)
        made.hardware.stragglerFactor = .random(in: 1...10, using: &random)
    }

    /// An absolute path of up to 20 characters, awkward ones among them.
    private func path(_ random: inout SeededRandom) -> String {
        let characters = Array("abcXYZ019 ._-:#'\"\\{}[],&*!|>%@`~?éß漢🙂/")
        let count = Int.random(in: 1...20, using: &random)
        return "/" + String((0..<count).map { _ in characters.randomElement(using: &random) ?? "a" })
    }
}
