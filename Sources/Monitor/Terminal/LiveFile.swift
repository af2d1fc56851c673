import Basics
internal import Foundation

/// The state of a run for other processes of this machine: a small file that is replaced as a whole.
public struct LiveFile: Codable, Equatable, Sendable {
    /// The name of the file in the folder of a cluster.
    public static let name = "live.json"
    /// The age of the file, in seconds, beyond which the run is taken to be stopped: a run writes it five times a
    /// second.
    public static let staleSeconds = 3.0

    /// The process id of the run.
    public let pid: Int32
    /// The time of writing, in seconds on the machine's monotonic clock, which all its processes share.
    public let time: Double
    /// The summary of the run at that time.
    public let summary: LiveSummary

    /// Create the state of a run of process `pid` at a time.
    public init(pid: Int32, time: Double, summary: LiveSummary) {
        self.pid = pid
        self.time = time
        self.summary = summary
    }

    /// Write the file into `folder`: a reader sees the old file or the new one, never part of one.
    ///
    /// - Throws: ``MonitorError`` when the file cannot be written.
    public func write(to folder: String) throws(MonitorError) {
        let path = "\(folder)/\(Self.name)"
        do {
            var file = try AtomicFile(path: path, temporary: "\(path).\(pid)", isDurable: false)
            try file.append(JSONText.of(self))
            try file.commit()
        } catch {
            throw MonitorError("\(error)")
        }
    }

    /// Read the file of a folder, or return nil when there is none.
    ///
    /// - Throws: ``MonitorError`` when the file does not describe a run.
    public static func read(from folder: String) throws(MonitorError) -> LiveFile? {
        let path = "\(folder)/\(Self.name)"
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        do {
            return try JSONText.decode(from: data)
        } catch {
            throw MonitorError("\(path) does not describe a run; remove it")
        }
    }

    /// Remove the file of a folder, if there is one.
    public static func remove(from folder: String) {
        unsafe unlink("\(folder)/\(Self.name)")
    }
}
