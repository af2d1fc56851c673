internal import Foundation

/// The times at which files were changed, to tell whether data that was read from them is still current.
enum FileChange {
    /// The newest change of a file, or of the files in a folder, in nanoseconds since 1970; 0 for a missing file.
    ///
    /// An index (`*.json`) stands for its folder, because the files that it names stand there.
    static func newest(at path: String) -> Int64 {
        let place = path.hasSuffix(".json") ? URL(fileURLWithPath: path).deletingLastPathComponent().path : path
        let files = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        let paths = files.isEmpty ? [place] : files.map { "\(place)/\($0)" }
        return paths.map(change).max() ?? 0
    }

    private static func change(_ path: String) -> Int64 {
        // Through links, so that the weights count and not the link to them.
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
        guard let date = attributes?[.modificationDate] as? Date else { return 0 }
        // A date beyond the year 2262 does not fit.
        return Int64(exactly: (date.timeIntervalSince1970 * 1e9).rounded()) ?? .max
    }
}
