/// An expert that every token visits, whatever the router says.
public struct ReplicatedExpert: Equatable, Sendable {
    /// Which one.
    public let identity: ExpertIdentity
    /// Its shape.
    public let shape: ExpertShape
}
