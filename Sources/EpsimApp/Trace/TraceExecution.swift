import Basics
import Runtime
import Tensors
import Workloads

/// The commands `epsim trace info` and `epsim trace convert`: recorded routing of any form, looked at or turned into the
/// form that a trace workload replays.
public struct TraceExecution {
    /// What is done with the file.
    public enum Action: String, CaseIterable {
        /// What it holds and how its experts are loaded is printed.
        case info
        /// It is written as a trace, and the lines of a configuration that replays it are printed.
        case convert
    }

    /// The file to read, and what it does not say itself.
    public struct Input {
        let file: String
        let out: String?
        /// The name of the tensor that holds the chosen experts; nil to look for the usual names.
        public var ids: String?
        /// The name of the tensor of weights, or nil for the usual ones.
        public var weights: String?
        /// The axes of the tensors, as ``RoutingAxes`` reads them, or nil for the usual ones.
        public var axes: String?
        /// The layers to keep, as ``LayerChoice`` reads them, or nil for all.
        public var layers: String?
        /// Experts of a layer, or nil for those that were chosen.
        public var experts: Int?
        /// The form of what `info` prints; CSV has a row for each layer.
        public var format = OutputFormat.table

        /// A file to read, and for ``Action/convert`` the `.safetensors` or `.npy` file to write.
        public init(_ file: String, out: String?) { (self.file, self.out) = (file, out) }
    }

    private let action: Action
    private let input: Input

    /// Create a use of a file.
    public init(_ action: Action, _ input: Input) { (self.action, self.input) = (action, input) }

    /// What is wrong with the arguments before any file is looked at, or nil.
    public var misuse: String? {
        switch (action, input.out) {
        case (.info, let out?): return "'\(out)': info reads one file and writes none"
        case (.convert, nil): return "convert needs a file to write, .safetensors or .npy"
        case (.convert, let out?) where !out.hasSuffix(".safetensors") && !out.hasSuffix(".npy"):
            return "'\(out)' must end in .safetensors or .npy"
        case (.convert, _) where input.format == .json: return "--json goes with info"
        case (.convert, _) where input.format == .csv: return "--format csv goes with info"
        default: break
        }
        if let axes = input.axes, RoutingAxes(axes) == nil {
            return "--axes '\(axes)': allowed are \(RoutingAxes.allowed)"
        }
        if let layers = input.layers, LayerChoice(layers) == nil {
            return "--layers '\(layers)': allowed are \(LayerChoice.allowed)"
        }
        if let experts = input.experts, !(1...RoutingShape.mostExperts).contains(experts) {
            return "--experts \(experts): 1 to \(RoutingShape.mostExperts) are allowed"
        }
        return nil
    }

    /// Do it.
    ///
    /// - Throws: ``ExitStatus`` unless all is well.
    public func run() throws {
        if let out = input.out { try OutputPath(option: "convert", path: out).require(apartFrom: [input.file]) }
        do {
            let (routing, description) = try read()
            if let out = input.out {
                try convert(routing, description, to: out)
            } else {
                switch input.format {
                case .json: Console.print(try JSONText.of(description))
                case .csv: Console.print(try ObjectCSV.text(description.layers, first: "layer"))
                case .table: Console.print(description.text(width: Console.width))
                }
            }
        } catch let error as WorkloadError {
            Console.note("epsim: \(error)")
            throw ExitStatus.badConfiguration
        } catch let error as TensorFileError {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        }
    }

    private func convert(_ routing: any RecordedRouting, _ description: TraceDescription, to path: String) throws {
        try TraceFile.check(routing, description.counted)
        try TraceFile.write(routing, experts: description.expertsSeen, to: path)
        if path.hasSuffix(".npy"), let lost = description.beside {
            Console.note("epsim: \(path) holds the choices alone; \(lost) would go into a .safetensors file")
        }
        if let note = description.note { Console.note("epsim: \(note)") }
        let lines = try description.configuration(path: path)
        Console.print("\(path): \(description.summary)\n\n\(lines)")
    }

    private func read() throws -> (any RecordedRouting, TraceDescription) {
        var layers: [Int]?
        if case .numbers(let numbers)? = input.layers.flatMap({ LayerChoice($0) }) { layers = numbers }
        let axes = input.axes.flatMap { RoutingAxes($0) }
        let names = RoutingNames(ids: input.ids, weights: input.weights, axes: axes)
        let routing = try RoutingFile.open(input.file, names: names, layers: layers)
        let loads = try RoutingLoads(routing)
        let experts = input.experts ?? max(loads.expertsSeen, 1)
        guard experts >= loads.expertsSeen else {
            let message = "expert \(loads.expertsSeen - 1) was chosen, but --experts is \(experts)"
            throw WorkloadError(file: input.file, message: "\(message); at least \(loads.expertsSeen) are needed")
        }
        return (routing, TraceDescription(routing, loads, experts: experts))
    }
}
