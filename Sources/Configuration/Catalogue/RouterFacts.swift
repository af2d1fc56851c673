import Basics
import MoE

/// What is published of the router of one model; nil where nothing is.
struct RouterFacts: Equatable, Sendable {
    /// The router that routes as the model does, by its name in the router catalogue.
    var rule: String?
    /// Its options.
    var options = RouterOptions()
    /// Options that evaluation has otherwise.
    var evaluation = RouterOptions()
    /// What no option says, for people.
    var remarks: [String: String] = [:]

    /// The options in training or in evaluation.
    func options(isTraining: Bool) -> RouterOptions {
        var options = options
        if !isTraining {
            for row in RouterOptions.rows where row.option.text(evaluation) != nil {
                row.option.copy(evaluation, &options)
            }
        }
        return options
    }
}
