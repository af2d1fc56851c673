/// The links that rows pass.
public enum LinkKind: Sendable {
    /// Within a node.
    case link
    /// Between nodes.
    case nic
}
