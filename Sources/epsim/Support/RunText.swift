import Configuration
import Reports
import Runtime
import Workloads

/// Parts of a run in one line each, for headers.
enum RunText {
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
