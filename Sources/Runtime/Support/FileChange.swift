internal import Foundation

/// When files were changed, to tell whether something that was read from them still holds.
enum FileChange {
    /// The newest change of a file, or of the files in a folder, in nanoseconds since 1970; 0 for what is not there.
    static func newest(at path: String) -> Int64 {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let paths = files.isEmpty ? [path] : files.map { "\(path)/\($0)" }
        return paths.map(change).max() ?? 0
    }

    private static func change(_ path: String) -> Int64 {
        // Through links, so that the weights count and not the link to them.
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
        guard let date = attributes?[.modificationDate] as? Date else { return 0 }
        return Int64(date.timeIntervalSince1970 * 1e9)
    }
}
