/// An expert that every token visits, whatever the router says.
public struct CommonExpert: Equatable, Sendable {
    /// Which one.
    public let identity: ExpertIdentity
    /// Its shape.
    public let shape: ExpertShape

    /// The tensor that holds its outputs, `[token, hidden]`, in files.
    public var outputName: String { identity == .dense ? "dense_output" : "shared_output" }
}
