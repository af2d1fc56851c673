import Calibration
import Configuration
import Experts
import Foundation
import MoE
import Runtime
import Settings

/// The choice of a kernel form for each matrix product of a run: from the file of this machine, and by measurement for
/// products that the file lacks.
struct KernelChoice {
    /// Whether the terminal may show the progress of measurements.
    let isShown: Bool
    /// Whether only errors are to be printed.
    let isQuiet: Bool

    /// Return the kernel forms of matrix products; measure those that the file lacks and add them to it. Where the file
    /// cannot be written no new form is chosen, since the next run might choose another and compute other last bits.
    ///
    /// - Throws: when the file is wrong, or oneDNN fails.
    func forms(_ shapes: [ProductShape]) throws(RuntimeError) -> ProductForms {
        guard let path = KernelFile.path(environment: ProcessInfo.processInfo.environment) else {
            note("no home to keep them in; EPSIM_HARDWARE names a folder")
            return ProductForms()
        }
        let known: [MeasuredForm]
        do {
            known = try KernelFile.read(path).choices(of: .here)
        } catch {
            throw .configuration(error.description)
        }
        let missing = shapes.filter { shape in !known.contains { $0.product.shape == shape } }
        let choices = missing.isEmpty ? known : try keep(missing, at: path) ?? known
        return ProductForms(choices.map(\.product).filter { shapes.contains($0.shape) })
    }

    /// Measure product shapes and add their forms to the file; return all forms of this machine, or nil, after a note,
    /// where the file cannot be written.
    private func keep(_ shapes: [ProductShape], at path: String) throws(RuntimeError) -> [MeasuredForm]? {
        do {
            // Before it takes any time to measure.
            _ = try KernelFile.add([], of: .here, to: path)
            return try KernelFile.add(measure(shapes), of: .here, to: path).choices(of: .here)
        } catch let error as ConfigurationError {
            note("\(error); EPSIM_HARDWARE names another folder")
            return nil
        } catch {
            throw .local("\(error)")
        }
    }

    private func note(_ reason: String) {
        guard !isQuiet else { return }
        Console.note("epsim: kernels are not chosen by measurement: \(reason)")
    }

    private func measure(_ shapes: [ProductShape]) throws(ComputeError) -> [MeasuredForm] {
        let line = StatusLine(isShown: isShown)
        defer { line.end() }
        let chooser = try FormChooser()
        var choices: [MeasuredForm] = []
        for (index, shape) in shapes.enumerated() {
            line.show(
                "choosing kernels: product \(index + 1) of \(shapes.count), \(shape.inputs) x \(shape.outputs)"
            )
            if let choice = try chooser.choose(shape) { choices.append(choice) }
        }
        return choices
    }
}
