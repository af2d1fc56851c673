/// The findings of ``RunIndex/reindex(progress:)``.
public struct ReindexResult: Equatable, Sendable {
    /// Runs that are in the index now.
    public internal(set) var runs = 0
    /// Rows that were in the index and whose folders are gone.
    public internal(set) var gone = 0
    /// Folders that look like a run's and are not in the index.
    public internal(set) var unreadable: [UnreadableFolder] = []
}
