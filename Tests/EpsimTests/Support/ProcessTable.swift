import Foundation

/// The processes of this machine as `/proc` shows them.
enum ProcessTable {
    /// A process that runs.
    struct Entry: Equatable {
        let pid: Int32
        let arguments: [String]
    }

    /// Processes whose environment holds `mark`. Those that have ended but were not waited for are none.
    static func processes(marked mark: String) -> [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap(Int32.init).sorted().compactMap { pid in
            guard let environment = contents("/proc/\(pid)/environ"), environment.contains(mark) else { return nil }
            let words = (contents("/proc/\(pid)/cmdline") ?? "").split(separator: "\0").map(String.init)
            return words.isEmpty ? nil : Entry(pid: pid, arguments: words)
        }
    }

    /// Whether a process exists and has not ended.
    static func runs(_ pid: Int32) -> Bool {
        guard let status = contents("/proc/\(pid)/stat"), let state = status.split(separator: ")").last else {
            return false
        }
        return !state.hasPrefix(" Z")
    }

    private static func contents(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
