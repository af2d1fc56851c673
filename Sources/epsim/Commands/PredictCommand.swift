public import ArgumentParser
import Basics
import Configuration
import EpsimApp
import Settings
public import Sweeps

/// `epsim predict`: a configuration by the modelled clock, on a hardware profile.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Predict a configuration on a cluster that one does not have.",
        discussion: """
            Routes the tokens of the configuration as a live run does, starts no process, and says how long gate, \
            dispatch, experts and combine would take on the ranks of a hardware profile, and what limits them. The run \
            folder has the same files as that of a live run; its clock is called modelled.

            Examples:
              epsim predict configs/quickstart.yaml --hardware H100-SXM --ranks 8
              epsim predict configs/predict/deepseek-v3-h100.yaml --ranks 64 --set hardware.kernel=low-latency
              epsim predict configs/predict/deepseek-v3-h100.yaml --ranks 256 --set hardware.routing=expected --json
              epsim predict configs/sweeps/deepseek-v3-decode.yaml --goal latency
            """
    )

    @OptionGroup var configuration: ConfigurationArguments
    @OptionGroup var report: ReportArguments

    @Option(help: "Hardware profile, by its name or file (hardware.profile).", completion: .hardware) var hardware:
        String?
    @Option(help: "Number of ranks (cluster.workers).") var ranks: String?

    @Option(help: "Name the best point of a sweep file (latency or throughput), and what limits it.")
    var goal: SweepGoal?

    func validate() throws {
        if ranks != nil, configuration.workers != nil {
            throw ValidationError("--ranks and --workers mean the same; give one of them")
        }
        if goal != nil,
            configuration.config == nil || hardware != nil || ranks != nil || configuration.hasChanges || report.isGiven
        {
            throw ValidationError("--goal takes a sweep file and --format, and nothing else; the file says what varies")
        }
    }

    func run() throws {
        if let goal, let file = configuration.config {
            return try GoalExecution(file: file, goal: goal, format: report.form.chosen).run()
        }
        var overrides: [Override] = []
        if let hardware { overrides.append(Override(key: "hardware.profile", value: hardware, flag: "--hardware")) }
        if let ranks { overrides.append(Override(key: "cluster.workers", value: ranks, flag: "--ranks")) }
        if let out = report.out { overrides.append(Override(key: "run.out", value: out, flag: "--out")) }
        let request = try configuration.request(size: .published)
        try PredictExecution(
            request.load(extra: overrides, for: .modelled),
            configName: request.name,
            report: report.options()
        ).run()
    }
}

extension SweepGoal: ExpressibleByArgument {}
