import Reports
import Runtime
import Workloads

/// Parts of a run in one line each, for headers.
enum RunText {
    /// What tokens there were, and how often a real input was gone through.
    static func workload(
        _ workload: WorkloadSummary?,
        steps: Int,
        _ configuration: RunPlan
    ) -> WorkloadDescription {
        let settings = configuration.workload
        var text = settings.kind.rawValue
        if settings.kind == .synthetic { text += ", \(settings.distribution.rawValue) expert popularity" }
        if let source = workload?.source { text += " from \(source)" }
        if let tokens = workload?.distinctTokens { text += ": \(tokens) tokens" }
        let all = steps == 0 ? 0 : configuration.run.warmup + steps
        return WorkloadDescription(
            summary: text,
            tokensPerStep: settings.tokens,
            cycles: workload?.passes(steps: all)
        )
    }
}
