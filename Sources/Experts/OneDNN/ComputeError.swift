internal import COneDNN

/// A refusal of oneDNN.
public struct ComputeError: Error, Equatable, CustomStringConvertible {
    /// The call and its status in words.
    public let description: String
    /// True when the processor has no implementation of what was asked for, or none that serves all numbers of rows.
    public let isUnimplemented: Bool

    /// An error with its sentence.
    public init(_ description: String) {
        self.init(description, isUnimplemented: false)
    }

    init(_ description: String, isUnimplemented: Bool) {
        self.description = description
        self.isUnimplemented = isUnimplemented
    }

    /// Throws unless a oneDNN call succeeded.
    static func check(_ status: dnnl_status_t, _ call: String) throws(ComputeError) {
        guard status != dnnl_success else { return }
        let reason =
            switch status {
            case dnnl_out_of_memory: "out of memory"
            case dnnl_invalid_arguments: "invalid arguments"
            case dnnl_unimplemented: "not implemented on this processor"
            case dnnl_runtime_error: "runtime error"
            default: "status \(status.rawValue)"
            }
        throw ComputeError("oneDNN \(call): \(reason)", isUnimplemented: status == dnnl_unimplemented)
    }
}
