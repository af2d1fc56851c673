import Configuration
import CostModel
import Foundation
import MoE
import Reports
import Runtime

/// How much more work takes within a run than alone, by a few small live runs.
struct HostFactors {
    /// A small run.
    private struct Reference {
        let layers: Int
        let hidden: Int
        let experts: Int
        let ffn: Int
        let dtype: NumberFormat
        let topK: Int
        let tokens: Int
        let workers: Int

        var yaml: String {
            """
            model: {layers: \(layers), hidden: \(hidden), experts: \(experts), expert_ffn: \(ffn), dtype: \(dtype.rawValue)}
            router: {kind: softmax-top-k, top_k: \(topK)}
            workload: {kind: synthetic, distribution: uniform, tokens: \(tokens)}
            cluster: {workers: \(workers)}
            run: {steps: 30, warmup: 5, seed: 5}

            """
        }
    }

    /// Shapes unlike those of the scored configurations, with one to four workers.
    private static let references = [
        Reference(layers: 2, hidden: 384, experts: 16, ffn: 384, dtype: .f32, topK: 2, tokens: 320, workers: 1),
        Reference(layers: 2, hidden: 384, experts: 32, ffn: 192, dtype: .bf16, topK: 4, tokens: 768, workers: 2),
        Reference(layers: 3, hidden: 640, experts: 8, ffn: 768, dtype: .f32, topK: 2, tokens: 192, workers: 2),
        Reference(layers: 3, hidden: 320, experts: 8, ffn: 160, dtype: .f32, topK: 1, tokens: 1536, workers: 2),
        Reference(layers: 2, hidden: 768, experts: 16, ffn: 1280, dtype: .bf16, topK: 2, tokens: 384, workers: 2),
        Reference(layers: 2, hidden: 384, experts: 16, ffn: 640, dtype: .f32, topK: 2, tokens: 640, workers: 4),
    ]

    let profile: HostProfile
    /// How often all runs are made; a later pass corrects what the model does not answer in proportion.
    let passes: Int

    /// Seconds of one run, measured and predicted.
    private struct Pair {
        let workers: Int
        let measured: (overhead: Double, products: Double)
        let predicted: (overhead: Double, products: Double)
    }

    /// The profile with both factors.
    func fitted(progress: (String) -> Void) throws -> HostProfile {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("epsim-factors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var profile = self.profile
        for _ in 0..<passes {
            try Data(HostLoader.yaml(profile).utf8).write(to: folder.appendingPathComponent("this-machine.yaml"))
            var pairs: [Pair] = []
            for (index, reference) in Self.references.enumerated() {
                progress("runs: \(index + 1) of \(Self.references.count)")
                pairs.append(try pair(reference, in: folder))
            }
            profile = try corrected(profile, by: pairs)
        }
        return profile
    }

    private func pair(_ reference: Reference, in folder: URL) throws -> Pair {
        let config = folder.appendingPathComponent("reference.yaml")
        try Data(reference.yaml.utf8).write(to: config)
        let run = try HostRun(config: config.path, profiles: folder.path)
        // Phases are means over steps, and a preempted step tells nothing of the others: predictions are of the median.
        let step = run.report.time.stepSeconds
        let typical = (step.p50 ?? 1) / (step.mean ?? 1)
        func split(_ phases: [(phase: Phase, seconds: Double)]) -> (overhead: Double, products: Double) {
            let products = phases.filter { $0.phase == .compute }.reduce(0) { $0 + $1.seconds }
            return (phases.reduce(0) { $0 + $1.seconds } - products, products)
        }
        return Pair(
            workers: reference.workers,
            measured: split(run.report.time.phases.map { ($0.phase, $0.seconds * typical) }),
            predicted: split(run.prediction.phases.map { ($0.phase, $0.seconds) })
        )
    }

    /// Medians over runs. With more workers than cores, who computes and who waits is for the scheduler to say.
    private func corrected(_ profile: HostProfile, by pairs: [Pair]) throws -> HostProfile {
        let cores = Int(profile[.cores])
        let overheads = pairs.map { $0.measured.overhead / $0.predicted.overhead }
        let products = pairs.filter { $0.workers <= cores }.map { $0.measured.products / $0.predicted.products }
        guard let overhead = Summary(overheads), let product = Summary(products) else { return profile }
        func constant(_ key: HostConstant, _ ratios: Summary) -> Constant {
            Constant(
                profile[key] * ratios.p50,
                basis: .fitted,
                source: "\(pairs.count) live runs of 30 steps, none of them scored: median of measured over predicted",
                spread: (ratios.max - ratios.p50) / ratios.p50
            )
        }
        return try profile.replacing([
            .runOverhead: constant(.runOverhead, overhead), .runProducts: constant(.runProducts, product),
        ])
    }
}
