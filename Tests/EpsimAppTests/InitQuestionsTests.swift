import Cluster
import Configuration
import Runtime
import TestSupport
import Testing
import Workloads

@testable import EpsimApp

@Suite struct InitQuestionsTests {
    private final class Talk {
        var answers: [String]
        var shown = ""
        init(_ answers: [String]) { self.answers = answers }
    }

    private func configuration(_ talk: Talk) throws -> ResolvedConfiguration? {
        let models = ["EPSIM_CATALOGUE": packageFolder("configs/models")]
        let questions = InitQuestions(environment: models, say: { talk.shown += $0 }) {
            talk.answers.isEmpty ? nil : talk.answers.removeFirst()
        }
        return try questions.answered()
    }

    @Test func emptyAnswersKeepTheDefaults() throws {
        let talk = Talk(Array(repeating: "", count: 5))
        let plan = try #require(try configuration(talk)).plan
        #expect(plan.cluster.workers == 4 && plan.workload.tokens == 512 && plan.run.steps == 20)
        #expect(plan.model.preset == nil && plan.router.kind == "softmax-top-k")
        for standard in ["[none]", "[4]", "[512]", "[softmax-top-k]", "[20]"] { #expect(talk.shown.contains(standard)) }
    }

    @Test func aSystemChangesTheDefaultsBelow() throws {
        let talk = Talk(["Mixtral", " 8 ", "", "", "3"])
        let plan = try #require(try configuration(talk)).plan
        #expect(plan.model.preset == "mixtral-8x7b" && plan.cluster.workers == 8 && plan.run.steps == 3)
        #expect(talk.shown.contains("[mixtral]"))
    }

    @Test func aWrongAnswerIsAskedForAgain() throws {
        let talk = Talk(["no-such", "none", "9", "two", "2", "", "mixtrl", "mixtral", ""])
        let plan = try #require(try configuration(talk)).plan
        #expect(plan.cluster.workers == 2 && plan.router.kind == "mixtral" && talk.answers.isEmpty)
        for problem in ["found \"no-such\"", "found 9, allowed: at most 8", "found \"two\"", "mixtrl"] {
            #expect(talk.shown.contains(problem), "\(talk.shown)")
        }
    }

    @Test(arguments: 0..<5) func answersThatEndMakeNothing(count: Int) throws {
        #expect(try configuration(Talk(Array(repeating: "", count: count))) == nil)
    }
}
