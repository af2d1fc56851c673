internal import CMalloc
public import CostModel
internal import Experts
internal import Foundation

/// Facts about this machine.
public enum Host {
    /// The name of this host.
    public static var name: String { ProcessInfo.processInfo.hostName }

    /// Identity of the running kernel: processes with the same one share a monotonic clock. Empty when unknown.
    public static var bootID: String { firstLine(of: "/proc/sys/kernel/random/boot_id") ?? "" }

    /// Cores that this process may use.
    public static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// Memory that is free without swapping, in bytes: the machine's, or the rest of a container's limit.
    public static var availableMemory: Int? {
        [memoryInfo("MemAvailable:"), containerMemory].compactMap { $0 }.min()
    }

    /// The mean number of processes that ran or were ready to run in the last minute; nil when unknown.
    public static var loadAverage: Double? {
        firstLine(of: "/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) }
    }

    /// All memory of the machine, in bytes.
    public static var totalMemory: Int? { memoryInfo("MemTotal:") }

    /// Resident memory of this process, in bytes.
    public static var residentMemory: Int {
        guard let fields = firstLine(of: "/proc/self/statm")?.split(separator: " "), fields.count > 1 else { return 0 }
        return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Operating system and processor, for a person.
    public static var system: String {
        let system = value(of: "PRETTY_NAME=", in: "/etc/os-release")?.trimmingCharacters(in: ["\""]) ?? "Linux"
        return "\(system), \(processor)"
    }

    /// The name of the processor.
    public static var processor: String { processorText.name }

    /// The processor's name with the numbers of its family and model, which tell processors of one name apart.
    public static var processorKind: String { processorText.kind }

    /// The processor with the widest instruction set that products use on it.
    public static var productProcessor: String { "\(processorKind), \(ComputeLibrary.instructionSet)" }

    /// The processor's features that matter for the experts' products, in the order of rising width.
    public static var processorFeatures: [String] { processorText.features }

    /// Whether the processor has the vectors that every product is made for.
    public static var hasVectors: Bool { processorText.hasVectors }

    private static var processorText: ProcessorText {
        ProcessorText((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")
    }

    /// The bytes left under the memory limit of this process's control group, version 2 or 1; nil without a limit.
    private static var containerMemory: Int? {
        let base = "/sys/fs/cgroup"
        let files = [
            ("\(base)/memory.max", "\(base)/memory.current"),
            ("\(base)/memory/memory.limit_in_bytes", "\(base)/memory/memory.usage_in_bytes"),
        ]
        for (limit, usage) in files {
            if let limit = number(in: limit), let usage = number(in: usage) { return max(0, limit - usage) }
        }
        return nil
    }

    /// The processes and threads that may still be started under the limit of this process's control group, version 2
    /// or 1; nil without a limit.
    static var containerThreads: Int? {
        for folder in ["/sys/fs/cgroup", "/sys/fs/cgroup/pids"] {
            if let limit = number(in: "\(folder)/pids.max"), let usage = number(in: "\(folder)/pids.current") {
                return max(0, limit - usage)
            }
        }
        return nil
    }

    /// The number of threads that a user has on this machine, those of all processes together.
    static func threads(ofUser user: uid_t) -> Int {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.lazy.filter { $0.allSatisfy(\.isNumber) }.reduce(0) { sum, id in
            var status = stat()
            guard unsafe stat("/proc/\(id)", &status) == 0, status.st_uid == user else { return sum }
            return sum + ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task").count) ?? 0)
        }
    }

    private static func number(in path: String) -> Int? {
        firstLine(of: path).flatMap { Int($0) }
    }

    private static func memoryInfo(_ key: String) -> Int? {
        value(of: key, in: "/proc/meminfo")?.split(separator: " ").first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    private static func firstLine(of path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first.map(String.init)
    }

    private static func value(of key: String, in path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix(key) }.map { String($0.dropFirst(key.count)) }
    }
}

extension Host {
    /// Whether a profile was measured on a processor of the same name as this machine's, with as many cores.
    public static func isHost(of profile: HostProfile) -> Bool {
        profile.processor == processor && profile[.cores] == Double(cores)
    }
}

/// The allocator of this process for large blocks of memory.
public enum Heap {
    /// The largest block, in bytes, that comes from the heap and is used again when freed. Mapping fresh pages costs
    /// more than filling a chunk's buffer and sending it once.
    private static let heapBlocks: Int32 = 32 << 20
    /// The limit on the free memory at the end of the heap that is kept and not given back to the system, in bytes.
    private static let kept: Int32 = 512 << 20

    /// Keep the buffers of chunks, which are all alike, for the next chunks; larger blocks are given back when freed.
    public static func keepChunkBuffers() {
        mallopt(M_MMAP_THRESHOLD, heapBlocks)
        mallopt(M_TRIM_THRESHOLD, kept)
    }
}
