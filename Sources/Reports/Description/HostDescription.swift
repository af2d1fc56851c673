public import Basics
public import Figures

/// One machine that took part in a run.
public struct HostDescription: Codable, Equatable, Sendable {
    /// The name of the machine, as the ranks on it give it.
    public var name: String
    /// Processor cores that the run may use.
    public var cores: Int
    /// Processes of the run on the machine that compute: workers, and the coordinator where it runs there.
    public var busyProcesses: Int
    /// Memory of the machine in bytes, or nil where it is not known.
    @OrNull public var memoryBytes: Int?
    /// Operating system and processor, for example `Debian 12, AMD EPYC 9R14`.
    public var system: String

    /// A warning where more processes compute than there are cores, else nil.
    public var crowding: String? {
        guard busyProcesses > cores else { return nil }
        return
            "\(busyProcesses) busy processes on \(cores) cores of \(name): times show sharing as well as work; loads "
            + "are exact"
    }

    /// A machine of the given size.
    public init(name: String, cores: Int, busyProcesses: Int, memoryBytes: Int?, system: String) {
        self.name = name
        self.cores = cores
        self.busyProcesses = busyProcesses
        self.memoryBytes = memoryBytes
        self.system = system
    }
}

extension HostDescription: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "busy_processes": "Processes of the run on it that compute: workers, and the coordinator where it runs there.",
        "cores": "Processor cores that the run may use.",
        "memory_bytes": "Memory, in bytes, where known.",
        "name": "Its name, as the ranks on it give it.",
        "system": "Operating system and processor, for example `Debian 12, AMD EPYC 9R14`.",
    ]
}
