import Figures
import MadeUpRuns
import Pages
import Placement
import Records

extension MadeUpRun {
    /// The page, with the first step as the median one and the last as the worst.
    ///
    /// - Parameter placement: nil for experts in runs, in all layers alike.
    func page(_ prediction: HostPrediction? = nil, placement: Placement? = nil, notes: [String] = []) throws
        -> String
    {
        var loads = ExpertLoadSums()
        for step in steps { loads.add(step) }
        let tracks = steps.map { StepTrack(of: $0, starting: 0) }
        return RunPage(
            try report(prediction: prediction, notes: notes),
            expertLoads: loads.means,
            placement: try placement ?? self.placement,
            medianStep: tracks.first,
            worstStep: tracks.last,
            tracedSteps: 1,
            configuration: "run: {seed: 7} # <&>"
        ).html
    }
}
