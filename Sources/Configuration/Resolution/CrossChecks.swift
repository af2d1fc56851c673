import MoE

/// What no single setting can tell: values that do not fit each other.
struct CrossChecks {
    let configuration: RunConfiguration
    let origins: [String: Origin]

    /// Everything that does not fit.
    var problems: [ConfigurationProblem] {
        let experts = configuration.model.experts
        let workers = configuration.cluster.workers
        var problems = [
            limit("router.top_k", configuration.router.topK, to: experts, "model.experts"),
            limit("cluster.workers", workers, to: experts, "model.experts"),
        ]
        if configuration.cluster.delayPhase != .none {
            problems.append(limit("cluster.delay_rank", configuration.cluster.delayRank, below: workers))
        }
        return (problems + [transport, weights]).compactMap(\.self)
    }

    private func limit(_ key: String, _ value: Int, to bound: Int, _ boundKey: String) -> ConfigurationProblem? {
        value <= bound ? nil : problem(key, "found \(value), allowed: at most \(bound), as \(given(boundKey, bound))")
    }

    private func limit(_ key: String, _ value: Int, below workers: Int) -> ConfigurationProblem? {
        let bound = given("cluster.workers", workers)
        return value < workers ? nil : problem(key, "found \(value), allowed: 0 to \(workers - 1), as \(bound)")
    }

    private var transport: ConfigurationProblem? {
        let transport = configuration.cluster.transport.rawValue
        guard let endpoint = configuration.cluster.endpoint, !endpoint.hasPrefix("\(transport)://") else { return nil }
        let allowed = "\(transport)://..., as \(given("cluster.transport", transport))"
        return problem("cluster.endpoint", "found \(Quoted.text(endpoint)), allowed: \(allowed)")
    }

    /// All weights as singles must have a size that an `Int` holds; everything smaller than them then has one, too.
    private var weights: ConfigurationProblem? {
        let shape = configuration.modelShape
        let routed = [shape.layers, shape.experts, shape.expert.parameterCount, MemoryLayout<Float>.size]
        let shared = [shape.layers, shape.sharedExpert?.parameterCount ?? 0, MemoryLayout<Float>.size]
        if let first = product(routed), let second = product(shared), !first.addingReportingOverflow(second).overflow {
            return nil
        }
        let keys = ["model.layers", "model.experts", "model.hidden", "model.expert_ffn", "model.shared_ffn"]
        let sizes = keys.compactMap { key in
            RunSchema.schema[key]?.text(configuration).map { "\(key) \($0)" }
        }
        let message = "the weights of \(WordList.all(sizes)) exceed 2^63 bytes, allowed: a model of fewer bytes"
        return problem("model.experts", message)
    }

    private func product(_ factors: [Int]) -> Int? {
        factors.reduce(1 as Int?) { product, factor in
            let next = product?.multipliedReportingOverflow(by: factor)
            return next.flatMap { $0.overflow ? nil : $0.partialValue }
        }
    }

    private func given(_ key: String, _ value: some CustomStringConvertible) -> String {
        "\(key) is \(value) (\(origin(key)))"
    }

    private func problem(_ key: String, _ message: String) -> ConfigurationProblem {
        ConfigurationProblem(location: origin(key).location, key: key, message: message)
    }

    private func origin(_ key: String) -> Origin { origins[key] ?? .builtIn }
}
