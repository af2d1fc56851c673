import Configuration
import Reports
import Runtime
import Workloads

/// Parts of a run in one line each, for headers.
enum RunText {
    /// `softmax-top-k, top 2, renormalised, dropless`.
    static func router(_ configuration: RunConfiguration) -> String {
        let router = configuration.router
        var parts = [configuration.workload.kind == .trace ? "replay" : router.kind.rawValue, "top \(router.topK)"]
        if configuration.workload.kind != .trace, router.kind == .softmaxTopK {
            parts.append(router.normalize ? "renormalised" : "not renormalised")
            if router.scale != 1 { parts.append("scale \(FixedPoint.text(router.scale, significant: 4))") }
        }
        switch router.drop {
        case .none: parts.append("dropless")
        case .position:
            parts.append("capacity factor \(FixedPoint.text(router.capacityFactor, significant: 4)), drop by position")
        }
        return parts.joined(separator: ", ")
    }

    /// What tokens there were, and how often a real input was gone through.
    static func workload(_ outcome: SessionOutcome, _ configuration: RunConfiguration) -> WorkloadDescription {
        let settings = configuration.workload
        var text = settings.kind.rawValue
        if settings.kind == .synthetic { text += ", \(settings.distribution.rawValue) expert popularity" }
        if let source = outcome.workload?.source { text += " from \(source)" }
        if let tokens = outcome.workload?.distinctTokens { text += ": \(tokens) tokens" }
        let steps = outcome.steps.isEmpty ? 0 : configuration.run.warmup + outcome.steps.count
        return WorkloadDescription(
            summary: text,
            tokensPerStep: settings.tokens,
            cycles: outcome.workload?.passes(steps: steps)
        )
    }
}
