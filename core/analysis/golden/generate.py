"""Numbers that core/analysis must reproduce. Made with SciPy and NumPy; run: python3 generate.py"""
import json
import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20250707)
out = {"made_with": f"scipy {scipy.__version__}, numpy {np.__version__}", "distributions": {}, "wilcoxon": [], "friedman": [], "tost": []}
d = out["distributions"]
d["normal_cdf"] = [[z, stats.norm.cdf(z)] for z in (-8.0, -3.1, -1.0, -0.2, 0.0, 0.5, 1.96, 4.0)]
d["chi2_sf"] = [[x, k, stats.chi2.sf(x, k)] for k in (1, 2, 5, 30) for x in (0.01, 0.5, 3.0, 10.0, 60.0)]
d["t_cdf"] = [[t, k, stats.t.cdf(t, k)] for k in (1, 2, 4.5, 30, 400) for t in (-40.0, -2.5, -0.3, 0.0, 0.1, 1.7, 6.0)]
d["t_ppf"] = [[p, k, stats.t.ppf(p, k)] for k in (1, 3, 20) for p in (0.01, 0.05, 0.5, 0.95, 0.975)]

def walsh(x):
    x = np.asarray(x)
    i, j = np.triu_indices(len(x))
    return float(np.median((x[i] + x[j]) / 2))

def wilcoxon(name, x):
    x = np.asarray(x, float)
    row = {"name": name, "differences": x.tolist(), "hodges_lehmann": walsh(x)}
    nonzero = x[x != 0]
    if len(nonzero) == 0:
        row.update(statistic=None, p=1.0, method="none")
    else:
        ties = len(set(np.abs(nonzero))) < len(nonzero)
        method = "exact" if len(nonzero) <= 50 and not ties and len(nonzero) == len(x) else "approx"
        r = stats.wilcoxon(x, zero_method="wilcox", correction=False, method=method)
        row.update(statistic=float(r.statistic), p=float(r.pvalue), method=method)
    out["wilcoxon"].append(row)

for n in (1, 2, 5, 10, 25, 50, 80):
    wilcoxon(f"normal{n}", rng.normal(0.1, 0.3, n).round(6))
wilcoxon("ties", [0.1, 0.1, -0.1, 0.2, 0.2, -0.3, 0.4, 0.4, 0.4, 0.5])
wilcoxon("zeros", [0.0, 0.0, 0.1, -0.2, 0.3, 0.4, 0.0, 0.6])
wilcoxon("all_zero", [0.0, 0.0, 0.0])
wilcoxon("all_positive", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])

def friedman(name, table):
    table = np.asarray(table, float)
    r = stats.friedmanchisquare(*table.T)
    b, k = table.shape
    out["friedman"].append({"name": name, "table": table.tolist(), "statistic": float(r.statistic), "p": float(r.pvalue), "kendall_w": float(r.statistic / (b * (k - 1)))})

friedman("shift", rng.normal(0, 1, (20, 3)).round(4) + [0, 0.5, 1.0])
friedman("none", rng.normal(0, 1, (12, 4)).round(4))
friedman("ties", rng.integers(0, 3, (15, 3)))

def tost(name, x, margin):
    x = np.asarray(x, float)
    lower = stats.ttest_1samp(x, -margin, alternative="greater")
    upper = stats.ttest_1samp(x, margin, alternative="less")
    out["tost"].append({"name": name, "differences": x.tolist(), "margin": margin, "p": float(max(lower.pvalue, upper.pvalue)), "p_lower": float(lower.pvalue), "p_upper": float(upper.pvalue)})

tost("equivalent", rng.normal(0.001, 0.005, 20).round(6), 0.01)
tost("different", rng.normal(0.03, 0.01, 15).round(6), 0.01)
tost("undecided", rng.normal(0.005, 0.03, 6).round(6), 0.01)
out["holm"] = []
def holm(p):
    p = np.asarray(p)
    order = np.argsort(p)
    adjusted = np.empty(len(p))
    running = 0.0
    for k, i in enumerate(order):
        running = max(running, min(1.0, (len(p) - k) * p[i]))
        adjusted[i] = running
    return adjusted.tolist()
for p in ([0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.001, 0.9, 0.04]):
    out["holm"].append({"p": p, "adjusted": holm(p)})
json.dump(out, open("statistics.json", "w"), indent=1, default=float)
