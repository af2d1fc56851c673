import Basics
public import Cluster

/// The reason for which a run did not end as it should.
public enum RuntimeError: Error, Equatable, CustomStringConvertible {
    /// The settings, or the files that they name, do not allow the run.
    case configuration(String)
    /// A worker or the protocol failed.
    case cluster(ClusterFailure)
    /// This process could not do its part.
    case local(String)
    /// The user ended the run.
    case interrupted

    /// One line for a person. Parts of it may come from another process; control characters appear as `?`.
    public var description: String {
        Printable.text(text)
    }

    private var text: String {
        switch self {
        case .configuration(let text), .local(let text): text
        case .cluster(let failure): failure.description
        case .interrupted: "interrupted"
        }
    }
}
