"""Slopes that core/analysis/doublingEffects.ts must reproduce: least squares with a dummy
variable for every test case, strategy and repeat, on an unbalanced design.
Made with NumPy; run: python3 generateDoubling.py"""
import json
import numpy as np

rng = np.random.default_rng(7)
rows = []
for strategy in ("fixedInterval", "uniformRandom"):
    for repeat in (0, 1, 2):
        for fraction in (0.125, 0.25, 0.5, 1.0):
            for density in (0.05, 0.1, 0.2, 0.4, 0.8):
                if rng.random() < 0.3:
                    continue  # a trial that was never run
                for case in range(7):
                    if rng.random() < 0.1:
                        continue  # a case without a defined score
                    iou = 0.7 + 0.03 * np.log2(fraction) + 0.015 * np.log2(density) + 0.05 * np.sin(case) + 0.01 * repeat + rng.normal(0, 0.02)
                    rows.append([strategy, repeat, fraction, density, case, round(float(np.clip(iou, 0, 1)), 6)])
levels = sorted({(r[0], r[1], r[4]) for r in rows})
design = np.zeros((len(rows), 2 + len(levels)))
for k, (strategy, repeat, fraction, density, case, _) in enumerate(rows):
    design[k, 0] = np.log2(fraction)
    design[k, 1] = np.log2(density)
    design[k, 2 + levels.index((strategy, repeat, case))] = 1
slopes = np.linalg.lstsq(design, np.array([r[5] for r in rows]), rcond=None)[0]
json.dump({"made_with": f"numpy {np.__version__}", "columns": ["strategy", "repeat", "volumeFraction", "density", "case", "iou"], "rows": rows, "volumes": float(slopes[0]), "density": float(slopes[1])}, open("doubling.json", "w"))
