public import Basics
public import Settings
import TestSupport

@testable public import Configuration

/// A catalogue with one model of each sort.
public let smallCatalogue = """
    models:
      plain-8x2:
        source: a test
        hidden: 64
        layers: 7
        moe_layers: 6
        experts: 8
        top_k: 2
        expert_ffn: 96
        activation: geglu
        shared_experts: 1
        shared_ffn: 32
        router:
          rule: softmax-top-k
          normalize: false
          scale: 16
      noisy-4:
        source: a test
        hidden: 32
        moe_layers: 1
        experts: 4
        top_k: 3
        expert_ffn: 40
        activation: relu
        router:
          rule: noisy-top-k
          importance_loss: 0.3
          load_loss: 0.4
      grouped:
        source: a test
        hidden: 32
        moe_layers: 2
        experts: 16
        top_k: 2
        expert_ffn: 40
        activation: swiglu
        shared_experts: 1
        shared_ffn: 24
        shared_gate: sigmoid(x.w)
        expert_biases: true
        output_scale: 0.5
        router:
          rule: deepseek-v3
          normalize: true
          scale: 3
          groups: 4
          groups_kept: 2
          aux_loss: 0.002
          bias_rate: 0.01
      gaps:
        source: a test
        hidden: 32
        moe_layers: 2
        experts: 4
        top_k: 2
        activation: swiglu
        shared_experts: 2
        router:
          rule: softmax-top-k
          normalize: true
      dense-beside:
        source: a test
        hidden: 32
        moe_layers: 2
        experts: 4
        top_k: 1
        expert_ffn: 16
        activation: swiglu
        shared_experts: 0
        dense_residual_ffn: 64
        router:
          rule: switch
          capacity_factor: 1.5
          min_capacity: 2
          capacity_scope: groups
          capacity_group: 256
          evaluation: {capacity_factor: 2}
          remarks: {groups: of 256 tokens}
      huge:
        source: a test
        hidden: 32
        moe_layers: 2
        experts: 2097152
        top_k: 1
        expert_ffn: 16
        activation: relu
        router:
          rule: softmax-top-k
          normalize: true
    """

/// Resolves without touching a file: the configuration is `a.yaml` in `/conf`, the working directory is `/cwd`.
public func resolve(
    _ yaml: String,
    environment: [String: String] = [:],
    set overrides: [String] = [],
    for clock: StepClock? = nil
) throws(ConfigurationError) -> ResolvedConfiguration {
    var flags: [Override] = []
    for argument in overrides {
        flags.append(try Override(set: argument))
    }
    return try resolve(yaml, environment: environment, flags: flags, for: clock)
}

/// The same with named flags.
public func resolve(
    _ yaml: String,
    environment: [String: String] = [:],
    flags: [Override],
    for clock: StepClock? = nil
) throws(ConfigurationError) -> ResolvedConfiguration {
    let explicit = try ExplicitSettings(
        yaml: yaml,
        file: "a.yaml",
        directory: "/conf",
        environment: environment,
        overrides: flags,
        workingDirectory: "/cwd"
    )
    let catalogue = try Catalogue(yaml: smallCatalogue, file: "models.yaml")
    var preset: Preset?
    if let given = explicit["model.preset"] {
        preset = try catalogue.preset(given)
    }
    return try Resolver.resolve(explicit, preset: preset, workingDirectory: "/cwd", clock: clock)
}

/// The lines of the error that `body` throws; none when it throws nothing.
public func problems(_ body: () throws(ConfigurationError) -> Void) -> [String] {
    do {
        try body()
        return []
    } catch {
        return error.problems.map(\.description) + (error.omitted > 0 ? ["and \(error.omitted) more"] : [])
    }
}

/// The problems of one YAML text.
public func problems(of yaml: String, set overrides: [String] = [], environment: [String: String] = [:]) -> [String] {
    problems { () throws(ConfigurationError) in
        _ = try resolve(yaml, environment: environment, set: overrides)
    }
}

/// The folder `configs` of the package.
public let shippedConfigurations = packageFolder("configs")
