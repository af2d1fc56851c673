import Reports
import RunStore

/// Adds what a command has run to the index.
enum RunIndexing {
    /// Adds a run folder to the index of the folder that it is in. Where that cannot be, one line says so: the folder is
    /// the truth, and `epsim runs reindex` finds it.
    static func add(_ folder: RunFolder) {
        let parent = String(folder.path.dropLast(folder.id.description.count + 1))
        let isTop = folder.path.hasPrefix("/") && parent.isEmpty
        let (root, path) = folder.path.contains("/") ? (isTop ? "/" : parent, folder.path) : (".", "./\(folder.path)")
        do {
            try RunIndex(folder: root).add(path)
        } catch {
            Console.note("epsim: the run is not in the index: \(error)")
        }
    }
}
