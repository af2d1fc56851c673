import Basics
import ConfigurationSupport
import Runtime
import Settings
import Testing

@testable import Configuration

@Suite("What is wrong with the environment and the command line")
struct SourcesTests {
    @Test("an environment variable of a section must be a setting")
    func unknownVariable() {
        let environment = [
            "EPSIM_MODEL_HIDEN": "3", "EPSIM_RUN_FOO_BAR_BAZ": "3", "EPSIM_CATALOGUE": "x", "EPSIM_MODELS": "y",
            "PATH": "z",
        ]
        #expect(
            problems(of: "run: {steps: 1}", environment: environment) == [
                "environment EPSIM_MODEL_HIDEN: unknown variable, did you mean EPSIM_MODEL_HIDDEN?",
                "environment EPSIM_RUN_FOO_BAR_BAZ: unknown variable, no setting has this name",
            ]
        )
    }

    @Test("bad values name their source")
    func values() {
        let environment = ["EPSIM_CLUSTER_CREDIT_MIB": "", "EPSIM_RUN_OUT": "a\nb"]
        #expect(
            problems(of: "run: {steps: 0}", set: ["router.scale=-1"], environment: environment) == [
                "a.yaml:1:7: run.steps: found 0, allowed: an integer from 1 to 1000000",
                #"environment EPSIM_CLUSTER_CREDIT_MIB: cluster.credit_mib: found "", allowed: "#
                    + "an integer from 1 to 65536",
                #"environment EPSIM_RUN_OUT: run.out: found "a\nb", allowed: "#
                    + "a path without control characters, 1 to 4096 bytes",
                "flag --set: router.scale: found -1, allowed: a number above 0",
            ]
        )
    }

    @Test("flags must be settings, each given once")
    func flags() {
        let flags = [
            Override(key: "cluster.workers", value: "2", flag: "--workers"),
            Override(key: "cluster.workers", value: "3", flag: "--set"),
            Override(key: "cluster.worker", value: "3", flag: "--set"),
        ]
        let found = problems { () throws(ConfigurationError) in _ = try resolve("run: {steps: 1}", flags: flags) }
        #expect(
            found == [
                "flag --set: cluster.workers: given by --workers and again by --set, allowed: once",
                "flag --set: cluster.worker: unknown key, did you mean cluster.workers?",
            ]
        )
    }

    @Test("every setting can come from its variable")
    func everyVariable() {
        for setting in RunPlan.table.options {
            #expect(setting.environmentName.hasPrefix("EPSIM_\(setting.section.uppercased())_"))
        }
        let names = RunPlan.table.options.map(\.environmentName)
        #expect(Set(names).count == names.count)
        #expect(RunPlan.table["cluster.credit_mib"]?.environmentName == "EPSIM_CLUSTER_CREDIT_MIB")
    }
}
