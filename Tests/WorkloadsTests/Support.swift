import MoE
import Tensors
import TestSupport
import Workloads

/// The real hidden states that the package brings along.
let realActivations = packageFolder("configs/data/minilm-l6.layer3.safetensors")

extension TemporaryFolder {
    /// Writes F32 and I16 tensors to a safetensors file and returns its path.
    func write(
        _ name: String = "t.safetensors",
        floats: [(String, [Int], [Float])] = [],
        integers: [(String, [Int], [Int16])] = []
    ) throws -> String {
        let specs =
            floats.map { TensorSpec(name: $0.0, dtype: .f32, shape: $0.1) }
            + integers.map { TensorSpec(name: $0.0, dtype: .i16, shape: $0.1) }
        let writer = try SafetensorsWriter(path: path(name), tensors: specs)
        for (tensor, _, values) in floats { try writer.write(tensor, atRow: 0, floats: values) }
        for (tensor, _, values) in integers { try writer.write(tensor, atRow: 0, integers: values) }
        try writer.finish()
        return path(name)
    }
}

/// A small model.
func model(layers: Int = 1, experts: Int = 8, hidden: Int = 4) -> ModelShape {
    ModelShape(
        layers: layers,
        experts: experts,
        expert: ExpertShape(hidden: hidden, ffn: 1, activation: .relu)
    )
}

/// The error that `body` throws, as text without the file in front; nil when it throws none.
func refusal(_ body: () throws(WorkloadError) -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return error.message
    }
}

/// Mean of numbers.
func mean(_ values: some Collection<Float>) -> Double {
    values.reduce(0) { $0 + Double($1) } / Double(values.count)
}

extension GateSource {
    /// The logits, if these are what it holds.
    var logits: [Matrix]? {
        if case .logits(let matrices) = self { matrices } else { nil }
    }

    /// The recorded choices, if these are what it holds.
    var recorded: [RecordedChoices]? {
        if case .recorded(let records) = self { records } else { nil }
    }
}
