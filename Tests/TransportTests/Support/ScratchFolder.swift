import Foundation

/// A new folder that is removed with all that it holds.
final class ScratchFolder {
    let path: String

    init() throws {
        // Short, since an ipc path has to fit a socket address.
        path = NSTemporaryDirectory() + "/epsim-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
