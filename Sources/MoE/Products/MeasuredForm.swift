/// The kernel form that was chosen for one matrix product, with its measured speed.
public struct MeasuredForm: Codable, Equatable, Sendable {
    /// The shape of the matrix product, with the kernel form that was chosen for it.
    public var product: ProductForms.Choice
    /// The name that oneDNN gives to the implementation.
    public var kernel: String
    /// The measured speed in GFLOP/s, at the number of rows that is typical of the product's work.
    public var gigaflops: Double

    /// Create a form.
    public init(_ product: ProductForms.Choice, kernel: String, gigaflops: Double) {
        self.product = product
        self.kernel = kernel
        self.gigaflops = gigaflops
    }
}

/// The kind of machine that a measured form holds for.
public struct MachineKind: Codable, Equatable, Sendable {
    /// The name of the processor.
    public var processor: String
    /// The widest instruction set that oneDNN uses on the processor.
    public var instructionSet: String
    /// The version of oneDNN.
    public var oneDNN: String

    /// Create a kind of machine.
    public init(processor: String, instructionSet: String, oneDNN: String) {
        self.processor = processor
        self.instructionSet = instructionSet
        self.oneDNN = oneDNN
    }
}
