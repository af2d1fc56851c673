public import ArgumentParser
import EpsimApp
public import MoE

/// `epsim route`: a router alone, on recorded logits.
struct RouteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Route the recorded logits of a file, without a cluster.",
        discussion: """
            Reads router_logits [token, expert], or layers.<l>.router_logits for several layers, from a .safetensors \
            file, routes them and prints loads, drops and losses. Beside the logits, under the same prefix, it reads \
            what the router needs: noise_logits, primary_logits and primary_noise_logits [token, column], \
            selection_bias (or e_score_correction_bias), gate_bias and thresholds [expert]; and for all layers \
            token_ids (or input_ids) [token] and sequence_lengths [sequence]. Where the file holds topk_index \
            [token, k], with topk_weight and kept or without, the choices are compared with them.

            The routers: epsim config routers.

            Examples:
              epsim route a.safetensors --router mixtral --require-same
              epsim route a.safetensors --router switch --out b.safetensors
              epsim route a.safetensors --router loss-free --tokens 512 --json
              epsim route a.safetensors --router command --set router.command="python3 router.py"
            """
    )

    @OptionGroup var input: RouteInputArguments
    @OptionGroup var router: RouterArguments

    @Option(help: ArgumentHelp("File to write, which a trace workload replays (.safetensors).", valueName: "file"))
    var out: String?

    @OptionGroup var form: FormatArguments
    @Flag(help: "Exit with 1 unless all choices are those that the file holds as topk_index.") var requireSame = false

    @Option(
        help:
            "How far a weight may differ from the recorded one, as a part of the larger (default: 1e-05; 0.0078 for bf16 weights, 0.00098 for f16)."
    )
    var tolerance: Double?

    @Option(help: "The precision of the recorded scores, in which ties are judged (default: that of the logits).")
    var precision: ScorePrecision?

    func validate() throws {
        if let out, !out.hasSuffix(".safetensors") {
            throw ValidationError("--out '\(out)' must end in .safetensors")
        }
        if let tolerance, tolerance < 0 || !tolerance.isFinite {
            throw ValidationError("--tolerance \(tolerance): 0 or a positive number is allowed")
        }
    }

    func run() throws {
        var options = RouteExecution.Options(file: input.file, router: try router.overrides())
        (options.tensor, options.tokens, options.sequenceTokens) = (input.tensor, input.tokens, input.sequenceTokens)
        (options.seed, options.out, options.format) = (input.seed, out, form.chosen)
        (options.requireSame, options.tolerance, options.precision) = (requireSame, tolerance, precision)
        try RouteExecution(options).run()
    }
}

extension ScorePrecision: ExpressibleByArgument {}

/// The arguments for the file that `epsim route` reads, and for its steps.
struct RouteInputArguments: ParsableArguments {
    @Argument(help: "File with recorded logits (.safetensors).", completion: .file(extensions: ["safetensors"]))
    var file: String

    @Option(help: "The tensor with the logits, where it is not called router_logits.") var tensor: String?

    @Option(help: "Tokens per step; all in one step unless given. A router that learns does so between steps.")
    var tokens: Int?

    @Option(help: "Tokens per sequence within a step, in place of the file's sequence_lengths.")
    var sequenceTokens: Int?

    @Option(help: "Seed of the router's random numbers.") var seed: UInt64 = 1

    func validate() throws {
        for (flag, value) in [("--tokens", tokens), ("--sequence-tokens", sequenceTokens)] {
            if let value, value < 1 { throw ValidationError("\(flag) \(value): 1 or more is allowed") }
        }
    }
}
