import Configuration
import CostModel
import Figures
import Foundation
import Records
import Reports
import Runtime
import Tensors

/// Small live runs that measure how much longer expert products and overheads take within a run than when timed alone.
struct HostReferenceRuns {
    /// The model shape, the tokens per step and the number of workers of one small run.
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

    /// The small runs, with one to four workers; their shapes are unlike those of the configurations that are scored.
    private static let references = [
        Reference(layers: 2, hidden: 384, experts: 16, ffn: 384, dtype: .f32, topK: 2, tokens: 320, workers: 1),
        Reference(layers: 2, hidden: 384, experts: 32, ffn: 192, dtype: .bf16, topK: 4, tokens: 768, workers: 2),
        Reference(layers: 3, hidden: 640, experts: 8, ffn: 768, dtype: .f32, topK: 2, tokens: 192, workers: 2),
        Reference(layers: 3, hidden: 320, experts: 8, ffn: 160, dtype: .f32, topK: 1, tokens: 1536, workers: 2),
        Reference(layers: 2, hidden: 768, experts: 16, ffn: 1280, dtype: .bf16, topK: 2, tokens: 384, workers: 2),
        Reference(layers: 2, hidden: 384, experts: 16, ffn: 640, dtype: .f32, topK: 2, tokens: 640, workers: 4),
        Reference(layers: 1, hidden: 896, experts: 8, ffn: 2304, dtype: .bf16, topK: 2, tokens: 896, workers: 2),
        Reference(layers: 2, hidden: 512, experts: 8, ffn: 1536, dtype: .bf16, topK: 2, tokens: 448, workers: 1),
    ]

    let profile: HostProfile
    /// The number of times that all runs are made and the factors fitted. Predicted steps do not grow in exact
    /// proportion to the factors, so a later pass corrects what an earlier one missed.
    let passes: Int
    /// True to make only the first three of the runs.
    let quick: Bool
    /// The interrupt that ends a run.
    let interrupt: Interrupt

    private var references: [Reference] { quick ? Array(Self.references.prefix(3)) : Self.references }

    /// The profile with both run factors (products and overhead) fitted to the runs.
    func fitted(progress: (String) -> Void) throws -> HostProfile {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("epsim-factors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var profile = self.profile
        for _ in 0..<passes {
            try Data(HostLoader.yaml(profile).utf8).write(to: folder.appendingPathComponent("this-machine.yaml"))
            var runs: [HostFactors.Run] = []
            for (index, reference) in references.enumerated() {
                progress("runs: \(index + 1) of \(references.count)")
                runs.append(try run(reference, in: folder))
            }
            profile = try corrected(profile, by: HostFactors(runs))
        }
        return profile
    }

    private func run(_ reference: Reference, in folder: URL) throws -> HostFactors.Run {
        let config = folder.appendingPathComponent("reference.yaml")
        try Data(reference.yaml.utf8).write(to: config)
        let run = try HostRun(config: config.path, profiles: folder.path, interrupt: interrupt)
        guard let measured = run.report.figures[spread: .stepSeconds].p50 else {
            throw RuntimeError.local("a reference run measured no step: \(run.report.reasons.joined(separator: "; "))")
        }
        let products = run.prediction.seconds(in: .compute)
        return HostFactors.Run(
            measured: measured,
            products: products,
            overhead: run.prediction.stepSeconds - products
        )
    }

    private func corrected(_ profile: HostProfile, by factors: HostFactors) throws -> HostProfile {
        func constant(_ key: HostConstant, _ factor: Double) -> Constant {
            Constant(
                profile[key] * factor,
                basis: .fitted,
                source:
                    "\(references.count) live runs of 30 steps, none of them scored; spread is the mean error of "
                    + "their steps",
                spread: factors.error
            )
        }
        return try profile.replacing([
            .runOverhead: constant(.runOverhead, factors.overhead),
            .runProducts: constant(.runProducts, factors.products),
        ])
    }
}
