import Basics
import Calibration
import Configuration
import CostModel
internal import Experts
internal import Foundation
internal import MoE
internal import Runtime
internal import Tensors
internal import Transport

/// Findings about this machine: libraries, kernels, cores, memory and limits.
public struct Diagnosis: Sendable {
    /// One checked topic with its result.
    public struct Finding: Sendable, CustomStringConvertible {
        /// The verdict of a check.
        public enum Level: String, Sendable {
            /// The checked topic is as it should be.
            case fine = "ok"
            /// Usable, with a limitation that the text names.
            case remarkable = "note"
            /// Unusable for epsim.
            case broken = "BAD"
        }

        /// The verdict of the check.
        public let level: Level
        /// The topic of the check, for example `libzmq`.
        public let topic: String
        /// The result of the check, in words.
        public let text: String

        /// The finding as one line, in aligned columns.
        public var description: String {
            let head = level.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0)
            return head + topic.padding(toLength: 16, withPad: " ", startingAt: 0) + text
        }
    }

    /// All findings, in the order in which they are shown.
    public let findings: [Finding]

    /// Check this machine.
    ///
    /// - Parameter workers: the number of workers that a run would have.
    public init(workers: Int) {
        findings =
            [
                Finding(level: .fine, topic: "epsim", text: EpsimVersion.current),
                Finding(level: .fine, topic: "toolchain", text: Self.toolchain),
                Finding(level: .fine, topic: "system", text: Host.system),
                Self.libzmq,
                Finding(level: .fine, topic: "oneDNN", text: ComputeLibrary.version),
                Self.features,
            ]
            + [DType.f32, .bf16].map(Self.kernel) + [
                Self.choices, Self.cores(workers), Self.memory, Self.limits(workers), Self.threads,
                Self.calibration,
            ]
    }

    /// Print all findings.
    ///
    /// - Throws: ``ExitStatus/failure`` where epsim cannot work on this machine.
    public func show() throws(ExitStatus) {
        for finding in findings { Console.print(finding.description) }
        if findings.contains(where: { $0.level == .broken }) { throw .failure }
    }

    private static var toolchain: String {
        #if swift(>=6.3)
            "built with Swift 6.3 or later"
        #else
            "built with Swift 6.2"
        #endif
    }

    private static var libzmq: Finding {
        let text = "\(TransportLibrary.version), CURVE \(TransportLibrary.hasCurve ? "yes" : "no")"
        return Finding(level: TransportLibrary.hasCurve ? .fine : .remarkable, topic: "libzmq", text: text)
    }

    private static var features: Finding {
        let found = Host.processorFeatures
        let held = ProcessInfo.processInfo.environment["DNNL_MAX_CPU_ISA"].map { _ in
            "; DNNL_MAX_CPU_ISA holds products down to \(ComputeLibrary.instructionSet)"
        }
        let text = (found.isEmpty ? "no vector features found" : found.joined(separator: " ")) + (held ?? "")
        return Finding(level: Host.hasVectors ? .fine : .remarkable, topic: "cpu features", text: text)
    }

    private static func kernel(_ dtype: DType) -> Finding {
        let topic = "kernel \(dtype.rawValue)"
        do {
            let shape = ExpertShape(hidden: 256, ffn: 512, activation: .swiglu)
            let kernel = try ExpertKernel(compute: ComputeEngine(threads: 1), shape: shape, dtype: dtype)
            let names = kernel.implementations.joined(separator: ", ")
            var remarks: [String] = []
            if names.contains("ref") { remarks.append("a reference implementation: correct, but slow") }
            if !kernel.keepsBits { remarks.append("outputs depend on how rows are cut into blocks") }
            if kernel.isConverting {
                remarks.append(
                    "no products of its own: runs hold weights in \(dtype.rawValue) and convert them for each, or hold them as "
                        + "F32 in twice the memory where that is faster and fits; at most the speed of F32"
                )
            }
            let text = ([names] + remarks).joined(separator: "; ")
            return Finding(level: remarks.isEmpty ? .fine : .remarkable, topic: topic, text: text)
        } catch {
            return Finding(level: dtype == .f32 ? .broken : .remarkable, topic: topic, text: "\(error)")
        }
    }

    /// The finding on the kernels that were chosen by measurement for the matrix products of this machine.
    private static var choices: Finding {
        let topic = "products"
        do {
            guard let path = KernelFile.path(environment: ProcessInfo.processInfo.environment) else {
                let text = "no home to keep choices in, so none is made: EPSIM_HARDWARE names a folder"
                return Finding(level: .remarkable, topic: topic, text: text)
            }
            let choices = try KernelFile.read(path).choices(of: .here)
            guard !choices.isEmpty else {
                let text =
                    "none chosen by measurement yet: the first run of each shape of expert does that (2 s a product at most)"
                return Finding(level: .fine, topic: topic, text: text)
            }
            let indent = "\n" + String(repeating: " ", count: 24)
            let lines = choices.map { choice in
                let shape = choice.product.shape
                return "\(shape.inputs) x \(shape.outputs) \(shape.dtype.rawValue), \(shape.work.rows): "
                    + "\(choice.kernel), \(choice.gigaflops) GFLOP/s"
            }
            let text = (["\(choices.count) chosen by measurement (\(path))"] + lines).joined(separator: indent)
            return Finding(level: .fine, topic: topic, text: text)
        } catch {
            return Finding(level: .broken, topic: topic, text: "\(error)")
        }
    }

    private static func cores(_ workers: Int) -> Finding {
        let busy = workers + 1
        guard busy > Host.cores else {
            return Finding(level: .fine, topic: "cores", text: "\(Host.cores), for \(busy) busy processes")
        }
        let text = "\(Host.cores), for \(busy) busy processes: loads stay exact, times show sharing as well as work"
        return Finding(level: .remarkable, topic: "cores", text: text)
    }

    private static var memory: Finding {
        guard let available = Host.availableMemory, let total = Host.totalMemory else {
            return Finding(level: .remarkable, topic: "memory", text: "unknown")
        }
        let text = [available, total].map { DisplayUnit.mebibytes().full(Double($0)) }.joined(separator: " free of ")
        return Finding(level: available > 1 << 30 ? .fine : .remarkable, topic: "memory", text: text)
    }

    /// The finding on the limits of the operating system.
    private static func limits(_ workers: Int) -> Finding {
        let need = ResourceNeed.coordinator(workers: workers, startsWorkers: true)
        let shortages = need.shortages(in: .current)
        let text = shortages.isEmpty ? "enough \(need.purpose)" : shortages.joined(separator: "; ")
        return Finding(level: shortages.isEmpty ? .fine : .broken, topic: "limits", text: text)
    }

    private static var calibration: Finding {
        let topic = "calibration"
        do {
            guard let profile = try HostLoader.load(environment: ProcessInfo.processInfo.environment) else {
                let text = "none: reports have no predictions until 'epsim calibrate' has run"
                return Finding(level: .remarkable, topic: topic, text: text)
            }
            guard Host.isHost(of: profile) else {
                let text =
                    "of \(profile.processor) with \(Int(profile[.cores])) cores, which this is not: run 'epsim calibrate'"
                return Finding(level: .remarkable, topic: topic, text: text)
            }
            return Finding(level: .fine, topic: topic, text: "reports show predicted beside measured times")
        } catch {
            return Finding(level: .remarkable, topic: topic, text: "\(error)")
        }
    }

    private static var threads: Finding {
        let value = ProcessInfo.processInfo.environment["OMP_NUM_THREADS"]
        let text = "cluster.threads decides (OMP_NUM_THREADS is \(value ?? "not set"))"
        return Finding(level: .fine, topic: "threads", text: text)
    }
}
