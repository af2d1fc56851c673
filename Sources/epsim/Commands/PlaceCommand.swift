public import ArgumentParser
import Basics
import Configuration
import EpsimApp
public import Interchange
public import Placement
import Settings

/// `epsim place`: a placement of experts, made from recorded loads or routing.
struct PlaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place",
        abstract: "Place experts by recorded loads, and say whether it is worth it.",
        discussion: """
            Places by all policies, scores each placement on later loads, and predicts the MoE layers of a step on a \
            hardware profile. Recorded routing is split: placed by the first half, scored on the second. Loads of one \
            step are scored on those of --evaluate, if given.

            Examples:
              epsim place --system deepseek-v3 --loads loads.json --ranks 32 --slots 288 --evaluate later.json
              epsim place --system deepseek-v2-lite --loads trace.safetensors --ranks 8 --slots 80 --out map.json
            """
    )

    @OptionGroup var configuration: ConfigurationArguments
    @Option(help: "Expert loads or recorded routing to place by.", completion: .file()) var loads: String
    @Option(help: "Number of ranks (cluster.workers).") var ranks: String?
    @Option(help: "Slots of all ranks in a layer (cluster.slots).") var slots: String?
    @Option(help: "Hardware profile (hardware.profile).", completion: .hardware) var hardware: String?
    @Option(help: "Groups that hierarchical policies keep on a node.") var groups: Int?
    @Option(help: "Nodes of hierarchical policies; those of the hardware when left out.") var nodes: Int?
    @Option(help: "Other loads on which placements are scored, too.") var evaluate: String?
    @Option(help: "The placement in force, from which experts move; contiguous when left out.") var from: String?
    @Option(help: "Only this policy; may be repeated.") var policy: [PlacementPolicy] = []
    @Option(help: "Write the placement with the shortest step to this file.") var out: String?
    @Option(help: "The form of that file (default: epsim).") var form: PlacementForm?
    @Option(help: "Dense layers before the first MoE layer, which the file counts.") var firstLayer: Int?
    @OptionGroup var output: FormatArguments

    func validate() throws {
        guard groups ?? 1 >= 1, nodes ?? 1 >= 1, (0...1024).contains(firstLayer ?? 0) else {
            throw ValidationError("--groups and --nodes are at least 1, --first-layer is 0 to 1024")
        }
        guard out != nil || form == nil && firstLayer == nil else {
            throw ValidationError("--form and --first-layer go with --out")
        }
        guard policy.isEmpty || policy.contains(where: \.looksAtNodes) || groups == nil && nodes == nil else {
            throw ValidationError("--groups and --nodes go with a policy that looks at them")
        }
    }

    func run() throws {
        let named =
            [("cluster.workers", ranks, "--ranks"), ("cluster.slots", slots, "--slots")]
            + [("hardware.profile", hardware, "--hardware")]
        let changes = named.compactMap { key, value, flag in value.map { Override(key: key, value: $0, flag: flag) } }
        var options = PlaceExecution.Options(file: loads)
        (options.evaluated, options.inForce, options.policies) = (evaluate, from, policy)
        (options.groups, options.nodes, options.out, options.form) = (groups ?? 1, nodes, out, form ?? .epsim)
        options.firstLayer = firstLayer ?? 0
        options.format = output.chosen
        let request = try configuration.request(size: .published)
        try PlaceExecution(request.load(extra: changes, for: .modelled), options).run()
    }
}

extension PlacementPolicy: ExpressibleByArgument {}
extension PlacementForm: ExpressibleByArgument {}
