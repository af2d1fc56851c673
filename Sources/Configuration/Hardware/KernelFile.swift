import Basics
import Foundation
public import MoE
public import Settings

/// The file, beside the profile of the machine, with the kernel forms that were chosen by measurement for matrix
/// products, on this processor and on others.
public struct KernelFile: Codable, Equatable, Sendable {
    /// The choices of one machine.
    public struct Section: Codable, Equatable, Sendable {
        /// The machine, by processor and libraries.
        public var machine: MachineKind
        /// The chosen forms, at most one per product shape.
        public var choices: [MeasuredForm]
    }

    /// The name of the file.
    static let name = "kernels.json"
    /// The longest wait for another process that writes the file, in seconds.
    private static let lockSeconds = 2.0

    /// The sections, one per machine.
    public private(set) var sections: [Section] = []

    /// Create a file without choices.
    public init() {}

    /// The forms that were chosen on a kind of machine.
    public func choices(of machine: MachineKind) -> [MeasuredForm] {
        sections.first { $0.machine == machine }?.choices ?? []
    }

    /// Add choices; an existing choice for the same shape stays, so that results on a machine keep their bits.
    public mutating func add(_ choices: [MeasuredForm], of machine: MachineKind) {
        let index = sections.firstIndex { $0.machine == machine } ?? sections.endIndex
        if index == sections.endIndex { sections.append(Section(machine: machine, choices: [])) }
        for choice in choices
        where !sections[index].choices.contains(where: { $0.product.shape == choice.product.shape }) {
            sections[index].choices.append(choice)
        }
    }

    /// The path of the file, beside the profile of this machine; nil where the user has no home.
    public static func path(environment: [String: String]) -> String? {
        HardwareSearch(environment: environment, executable: nil).ownFolder.map { "\($0)/\(name)" }
    }

    /// Read the file, or return one without choices when there is none.
    ///
    /// - Throws: `ConfigurationError` with the first problem of the file.
    public static func read(_ path: String) throws(ConfigurationError) -> KernelFile {
        guard FileManager.default.fileExists(atPath: path) else { return KernelFile() }
        let text: String
        do {
            text = try TextFile.read(path)
        } catch {
            throw ConfigurationError(
                ConfigurationProblem(location: "\(error)", message: "remove it, and the next run measures again")
            )
        }
        do {
            let file = try JSONText.decode(KernelFile.self, from: text, keys: .asTheyAre)
            try file.check()
            return file
        } catch {
            let reason = (error as? Invalid)?.reason ?? "not a file of kernels"
            let message = "\(reason); remove it, and the next run measures again"
            throw ConfigurationError(ConfigurationProblem(location: path, message: message))
        }
    }

    /// Add choices to the file, and return its content then. Where two processes measured the same shape, the first
    /// choice in the file stays.
    ///
    /// - Throws: `ConfigurationError` when the file cannot be written, or is no valid file of kernels.
    public static func add(
        _ choices: [MeasuredForm],
        of machine: MachineKind,
        to path: String
    ) throws(ConfigurationError) -> KernelFile {
        do {
            let folder = Folder.of(path)
            try Folder.makeAll(folder)
            // The folder itself is taken, as the file is replaced. Whoever has it writes a small file; one that is
            // stopped, or a folder elsewhere, must not stop a run.
            let lock = try FolderLock.take(folder, waiting: lockSeconds)
            guard lock != nil else {
                throw FileError("write", path, reason: "another process has had its folder for \(lockSeconds) s")
            }
            var file = try read(path)
            file.add(choices, of: machine)
            try AtomicFile.write(JSONText.of(file, keys: .asTheyAre), to: path)
            return file
        } catch let error as ConfigurationError {
            throw error
        } catch {
            let reason = (error as? FileError)?.reason ?? "\(error)"
            throw ConfigurationError(ConfigurationProblem(location: path, message: "cannot be written: \(reason)"))
        }
    }

    /// Throw where a choice is impossible: only epsim writes the file, but a product in blocks of no rows, say, would
    /// never end.
    private func check() throws(Invalid) {
        for choice in sections.flatMap(\.choices) {
            let (shape, form) = (choice.product.shape, choice.product.form)
            guard shape.inputs > 0, shape.outputs > 0, choice.gigaflops > 0,
                choice.kernel.unicodeScalars.allSatisfy({ (0x20...0x7E).contains($0.value) })
            else { throw Invalid(reason: "a choice that cannot be") }
            guard ProductForm.candidates(for: shape).contains(form) else {
                throw Invalid(
                    reason: "product \(shape.inputs) x \(shape.outputs): found a form that does not exist"
                )
            }
        }
    }

    private struct Invalid: Error {
        let reason: String
    }
}
