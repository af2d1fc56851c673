import ArgumentParser
import EpsimApp

/// `epsim hardware`: the hardware profiles that predictions use.
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

/// `epsim hardware list`: all hardware profiles.
struct HardwareListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the hardware profiles, and how many of their constants nobody measured.",
        discussion: "Example:\n  epsim hardware list"
    )

    @OptionGroup var form: FormatArguments

    func run() throws { try HardwareTables.showAll(as: form.chosen) }
}

/// `epsim hardware show`: every constant of one hardware profile.
struct HardwareShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print every constant of a profile with its unit, basis, spread and source.",
        discussion: "Example:\n  epsim hardware show H100-SXM"
    )

    @Argument(help: "Name of a profile, or the path of a file.") var name: String
    @OptionGroup var form: FormatArguments

    func run() throws { try HardwareTables.show(name, as: form.chosen) }
}
