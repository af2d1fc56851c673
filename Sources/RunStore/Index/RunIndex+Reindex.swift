extension RunIndex {
    /// Makes the index from the folders.
    ///
    /// Runs that end meanwhile keep the row that they add. An index that is broken, or of a newer epsim, is replaced.
    ///
    /// - Parameter progress: called with the folders read and their count.
    /// - Returns: what was found, with the folders that have no place in the index.
    public func reindex(progress: (Int, Int) -> Void = { _, _ in }) throws(RunStoreError) -> ReindexResult {
        var rebuild = Rebuild(self)
        try rebuild.run(progress: progress)
        return rebuild.result
    }
}
