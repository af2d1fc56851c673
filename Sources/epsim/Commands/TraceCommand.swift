public import ArgumentParser
public import EpsimApp

/// `epsim trace`: recorded routing of any form.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Look at recorded routing (info), or turn it into a trace that a run replays (convert).",
        discussion: """
            Reads choices [token, layer, k], with weights or without, from .safetensors, .npy, .npz, .csv, .jsonl and .json.

            Examples:
              epsim trace info routing.npz --ids experts --axes layer,token,k
              epsim trace convert routing.csv trace.safetensors
            """
    )
    @Argument(help: "info or convert.") var action: TraceExecution.Action
    @Argument(help: "File with recorded routing.", completion: .file()) var file: String
    @Argument(help: "File to write: .safetensors, or .npy for the choices alone.") var out: String?
    @Option(help: "Tensor of the choices; {layer} in it stands for a layer where each has its own.") var ids: String?
    @Option(help: "Tensor of the weights.") var weights: String?
    @Option(help: "Axes of the tensor, for example layer,token,k.") var axes: String?
    @Option(help: "Layers to keep, by their numbers in the file, for example 1-26.") var layers: String?
    @Option(help: "Experts of a layer, where the last ones were never chosen.") var experts: Int?
    @OptionGroup var form: FormatArguments

    private var execution: TraceExecution {
        var input = TraceExecution.Input(file, out: out)
        (input.ids, input.weights, input.axes) = (ids, weights, axes)
        (input.layers, input.experts, input.format) = (layers, experts, form.chosen)
        return TraceExecution(action, input)
    }
    func validate() throws { if let misuse = execution.misuse { throw ValidationError(misuse) } }
    func run() throws { try execution.run() }
}

extension TraceExecution.Action: ExpressibleByArgument {}
