import Basics
internal import Foundation

/// The limits that the operating system sets to this process, as `ulimit` shows them; nil stands for no limit.
public struct ResourceLimits: Equatable, Sendable {
    /// The most files, pipes and sockets that the process may have open.
    public var openFiles: Int?
    /// The threads that the user, or the container, may still start; nil for a user without such a limit.
    public var threads: Int?
    /// The most bytes of address space.
    public var addressSpace: Int?
    /// The most bytes of memory that is private and may be written.
    public var data: Int?
    /// The most bytes of a file that is written.
    public var fileSize: Int?
    /// The most bytes of a stack.
    public var stack: Int?

    /// Set limits; those that are left out do not exist.
    init(
        openFiles: Int? = nil,
        threads: Int? = nil,
        addressSpace: Int? = nil,
        data: Int? = nil,
        fileSize: Int? = nil,
        stack: Int? = nil
    ) {
        (self.openFiles, self.threads, self.addressSpace) = (openFiles, threads, addressSpace)
        (self.data, self.fileSize, self.stack) = (data, fileSize, stack)
    }

    /// The limits of this process.
    public static var current: ResourceLimits {
        ResourceLimits(
            openFiles: Self[RLIMIT_NOFILE],
            threads: [userThreads, Host.containerThreads].compactMap(\.self).min(),
            addressSpace: Self[RLIMIT_AS],
            data: Self[RLIMIT_DATA],
            fileSize: Self[RLIMIT_FSIZE],
            stack: Self[RLIMIT_STACK]
        )
    }

    /// Widen the limits as far as a process may by itself, and let what they still forbid be an error instead of a
    /// signal: for the start of the program. Programs that it starts inherit all of it.
    public static func settle() {
        // A write beyond the largest file fails then.
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit()
        guard unsafe getrlimit(kind(RLIMIT_NOFILE), &limit) == 0 else { return }
        let most = min(limit.rlim_max, enoughFiles)
        if limit.rlim_cur < most {
            limit.rlim_cur = most
            _ = unsafe setrlimit(kind(RLIMIT_NOFILE), &limit)
        }
        // Files that were open before the limit was lowered: starting a program fails as long as they are.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            if let descriptor = Int32(name), descriptor > 2, rlim_t(descriptor) >= limit.rlim_cur { close(descriptor) }
        }
    }

    /// Enough open files for every number of ranks.
    private static let enoughFiles: rlim_t = 1 << 20

    /// The threads that the user may still start; nil for root, who has no such limit.
    private static var userThreads: Int? {
        guard geteuid() != 0, let most = Self[__RLIMIT_NPROC] else { return nil }
        return max(0, most - Host.threads(ofUser: getuid()))
    }

    private static subscript(_ limit: __rlimit_resource) -> Int? {
        var values = rlimit()
        guard unsafe getrlimit(kind(limit), &values) == 0 else { return nil }
        return Int(exactly: values.rlim_cur)
    }

    private static func kind(_ limit: __rlimit_resource) -> __rlimit_resource_t { __rlimit_resource_t(limit.rawValue) }
}

/// What a process needs of its ``ResourceLimits``.
public struct ResourceNeed: Equatable, Sendable {
    /// The reason of the needs: `for 16 workers`.
    public let purpose: String
    private let openFiles: Int
    private let threads: Int
    private let addressSpace: Int
    private let data: Int
    private let fileSize: Int

    /// What every command needs. Measured: 35 open files of a worker, 10 threads of a coordinator.
    public static let program = ResourceNeed(
        purpose: "for any command",
        openFiles: 64,
        threads: 16,
        addressSpace: 512 << 20,
        data: 128 << 20,
        fileSize: 64 << 10
    )

    /// What a coordinator needs for workers, some of which may be processes of this machine.
    ///
    /// Measured: 27 open files and 3 for each worker; twice as many leave room for what users connect.
    public static func coordinator(workers: Int, startsWorkers: Bool, threads: Int = 1, fileSize: Int = 0)
        -> ResourceNeed
    {
        ResourceNeed(
            purpose: "for \(Counted.text(workers, "worker"))",
            openFiles: program.openFiles + 8 * workers,
            threads: program.threads + (startsWorkers ? workers * (10 + threads) : 0),
            addressSpace: 1 << 30,
            data: 256 << 20,
            fileSize: max(program.fileSize, fileSize)
        )
    }

    /// What the measurements of this machine need, beside the memory that they measure.
    public static let calibration = ResourceNeed(
        purpose: "for a calibration",
        openFiles: program.openFiles + 64,
        threads: 64,
        addressSpace: 4 << 30,
        data: 2 << 30,
        fileSize: 1 << 20
    )

    /// The same with the memory of the process that holds most, in bytes.
    func holding(_ bytes: Double) -> ResourceNeed {
        let bytes = Int(min(bytes, 1e18))
        return ResourceNeed(
            purpose: purpose,
            openFiles: openFiles,
            threads: threads,
            addressSpace: addressSpace + bytes,
            data: data + bytes,
            fileSize: fileSize
        )
    }

    /// One sentence for each limit that is too low.
    public func shortages(in limits: ResourceLimits) -> [String] {
        func lacks(_ limit: Int?, _ need: Int, _ name: String, _ flag: String, inBytes: Bool = true) -> String? {
            guard let limit, limit < need else { return nil }
            let words = [limit, need].map { inBytes ? Self.bytes($0) : "\($0)" }
            return "\(name): found a limit of \(words[0]) (ulimit \(flag)), allowed: at least \(words[1]) \(purpose)"
        }
        return [
            lacks(limits.openFiles, openFiles, "open files", "-n", inBytes: false),
            lacks(limits.threads, threads, "processes and threads left", "-u", inBytes: false),
            lacks(limits.addressSpace, addressSpace, "address space", "-v"),
            lacks(limits.data, data, "data", "-d"), lacks(limits.fileSize, fileSize, "size of a file", "-f"),
            lacks(limits.stack, Self.stack, "stack", "-s"),
        ].compactMap(\.self)
    }

    /// Throw where a limit is too low.
    public func check(_ limits: ResourceLimits) throws(RuntimeError) {
        let shortages = shortages(in: limits)
        if !shortages.isEmpty { throw .configuration(shortages.joined(separator: "; ")) }
    }

    /// The bytes of a stack with which every command runs; 64 KiB end in a segmentation fault.
    private static let stack = 256 << 10

    private static func bytes(_ count: Int) -> String {
        count >= 1 << 20 ? DisplayUnit.mebibytes().full(Double(count)) : "\(count >> 10) KiB"
    }
}
