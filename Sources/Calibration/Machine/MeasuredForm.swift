internal import Experts
public import MoE
internal import Runtime

/// The form of one product, and what was measured of it.
public struct MeasuredForm: Codable, Equatable, Sendable {
    /// The product and its form.
    public var product: ProductForms.Choice
    /// What oneDNN calls its implementation.
    public var kernel: String
    /// Floating-point operations a second, in 10^9, at the typical rows of the shape's work.
    public var gigaflops: Double

    /// A form.
    public init(_ product: ProductForms.Choice, kernel: String, gigaflops: Double) {
        self.product = product
        self.kernel = kernel
        self.gigaflops = gigaflops
    }
}

/// The kind of machine that a measured form holds for.
public struct MachineKind: Codable, Equatable, Sendable {
    /// The processor's name.
    public var processor: String
    /// The widest instruction set that oneDNN uses on it.
    public var instructionSet: String
    /// Version of oneDNN.
    public var oneDNN: String

    /// A kind of machine.
    public init(processor: String, instructionSet: String, oneDNN: String) {
        self.processor = processor
        self.instructionSet = instructionSet
        self.oneDNN = oneDNN
    }

    /// This machine's.
    public static var here: MachineKind {
        MachineKind(
            processor: Host.processorKind,
            instructionSet: ComputeLibrary.instructionSet,
            oneDNN: ComputeLibrary.version
        )
    }
}
