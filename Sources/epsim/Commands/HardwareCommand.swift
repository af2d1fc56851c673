import Basics
import ArgumentParser
import Configuration
import CostModel
import Foundation
import Reports
import Settings

/// `epsim hardware`: the hardware that predictions can be for.
struct HardwareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hardware",
        abstract: "List the hardware profiles, or show one.",
        discussion: """
            A profile is a YAML file. Profiles of your own go to ~/.config/epsim/hardware or to the folder that \
            EPSIM_HARDWARE names; one that is called like another replaces it.

            Examples:
              epsim hardware
              epsim hardware show H100-SXM
            """,
        subcommands: [HardwareListCommand.self, HardwareShowCommand.self],
        defaultSubcommand: HardwareListCommand.self
    )
}

/// `epsim hardware list`.
struct HardwareListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the hardware profiles, and how many of their constants nobody measured.",
        discussion: "Example:\n  epsim hardware list"
    )

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        var table = TextTable(columns: [
            .init("name", alignment: .left), .init("assumed", unit: "constants"), .init("of"),
            .init("summary", alignment: .left),
        ])
        var isComplete = true
        for file in try Self.reporting({ () throws(ConfigurationError) in
            try HardwareLoader.files(environment: environment)
        }) {
            do {
                let profile = try HardwareLoader.load(named: file.name, environment: environment)
                let all = Set(HardwareConstant.allCases)
                let assumed = profile.assumed(among: all).count
                table.append([file.name, "\(assumed)", "\(all.count)", Printable.text(profile.summary)])
            } catch {
                Console.note("epsim: \(error)")
                isComplete = false
            }
        }
        Console.print(table.lines().joined(separator: "\n"))
        if !isComplete { throw ExitCode.badConfiguration }
    }

    /// Says what is wrong with a profile, and ends with code 78.
    static func reporting<Value>(_ body: () throws(ConfigurationError) -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            Console.note("epsim: \(error)")
            throw ExitCode.badConfiguration
        }
    }
}

/// `epsim hardware show`.
struct HardwareShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print every constant of a profile with its unit, basis, spread and source.",
        discussion: "Example:\n  epsim hardware show H100-SXM"
    )

    @Argument(help: "Name of a profile, or the path of a file.")
    var name: String

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let profile = try HardwareListCommand.reporting { () throws(ConfigurationError) in
            try HardwareLoader.load(named: name, environment: environment)
        }
        var table = TextTable(columns: [
            .init("constant", alignment: .left), .init("value"), .init("unit", alignment: .left),
            .init("basis", alignment: .left), .init("spread"), .init("source", alignment: .left),
        ])
        for key in HardwareConstant.allCases {
            guard let constant = profile.constants[key] else { continue }
            table.append([
                key.rawValue, FixedPoint.text(constant.value, significant: 6), key.unit, constant.basis.rawValue,
                constant.spread.map { "\(FixedPoint.text($0 * 100, significant: 3)) %" } ?? "-",
                Printable.text(constant.source),
            ])
        }
        let head = "\(Printable.text(profile.name)): \(Printable.text(profile.summary))"
        Console.print(([head, ""] + table.lines()).joined(separator: "\n"))
    }
}
