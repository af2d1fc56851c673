public import Configuration
internal import Experts

extension KernelFile.Machine {
    /// This one.
    public static var here: KernelFile.Machine {
        KernelFile.Machine(
            processor: Host.processorKind,
            instructionSet: ComputeLibrary.instructionSet,
            oneDNN: ComputeLibrary.version
        )
    }
}
