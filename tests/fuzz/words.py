"""What mutations put in, and inputs of one line as they should be: a word or an input a line."""

from __future__ import annotations

YAML = """\
kind: policy
kind: scenario
kind: exercise
kind: evidence
kind: losses
extends:·
{uniform: [3, 4]}
{triangular: [0, 1, 2]}
{normal: [0, 1]}
{lognormal: {p5: 1, p95: 2}}
{lognormal: {median: 1, sigma: 0.5}}
{exponential: 3}
{choice: [0, 1]}
{choice: {a: 0.2, b: 0.8}}
{value: 2, unit: weeks}
2 weeks
0.01 per day
day 7
day 0
2024-10-24
0001-01-01
9999-12-31
.nan
.inf
-0
1e308
1e-320
null
~
[]
{}
any
true
rival:sent
days: 36525
days: 1
start: 9999-12-30
confirm: {days: 2, of: 3}
smooth: {mean: 7 days}
smooth: {ewma: 0.25}
error: {sd: 0.5, memory: 21 days}
error: {log_sd: 0.3, shared: x}
round: nearest
change: 7 days
delay: 5 days
moves: {w: {walk: {drift: 0.1, volatility: 0.1}}}
moves: {l: {ladder: {up: 0.1, down: 0.1}}}
moves: {j: {jumps: {rate: 0.5, size: {exponential: 15}}}}
relative: true
bounds: [0, 4]
between: linear
path: {csv: f.csv}
set:·
add:·
when:·
before:·
dated:·
&a·
*a·
!!str·
?·
---·
...·
%YAML 1.1
<<:·
\\x1b[31m
"\\e[31m"
"\\0"
\\u0085
\\ud800
"
'
|
>
#
-·
\t
\u0085
\u2028
\ufeff
\u202e""".replace("·", " ").split("\n")
GUARD = (
    "and |or |not |(|)|<|<=|==|!=|>=|+|-|*|/|min(|max(|median(|abs(|,|a|b|c|limit|days_in_phase|1e309|0|.5|1.|=>|≥|é|\t|\n".split(
        "|"
    )
)
JSON = (
    '{|}|[|]|,|:|"|null|true|-1|1e999|NaN|Infinity|\\ud800|\\u0000|\\u001b|"schema"|"files"|"says"|[]|{}|""|999999999999'.split(
        "|"
    )
)
PAGE = [
    *JSON,
    "<script>",
    "]]>",
    "<!--",
    "&#0;",
    "javascript:x",
    ' onload="x"',
    "<image href=",
    "url(http://x)",
    "<!ENTITY a 'b'>",
]
RERUN = [
    *JSON,
    "phased run ",
    " --out x",
    " --help",
    " --set a=b",
    " -- ",
    "'",
    "\\\\",
    "../",
    "C:\\\\",
    "shipped:",
    "0" * 64,
    "~",
    "/dev/zero",
]
CSV = 'date|value|,|"|\n|\r\n|\r|;|nan|inf|1e309|1_0|2024-02-30|9999-12-31|0001-01-01|é|\ufeff|\0|\x1b'.split("|")

SETTINGS = """\
thresholds.front_line=rival:sent
thresholds.front_line.value=2
thresholds.front_line={dated: {2024-10-24: 4, 2024-11-07: 3.5}}
thresholds.front_line.note=x
days=30
start=2024-02-29
transitions.arm_defensively.confirm=21
transitions.arm_defensively.confirm={days: 2, of: 3}
transitions.go_offensive.when=deployment_level >= sustained_combat and days_in_phase > 3
transitions.go_offensive=null
variables.deployment_level.path.day 7=3
variables.deployment_level.path={day 0: 2, day 7: {uniform: [2, 4]}}
variables.deployment_level.moves.rungs={ladder: {up: [0.1, 0, 0, 0, 0], down: 0}}
signposts.deployment_level={delay: 5 days, error: {sd: 0.5, memory: 21 days}, smooth: {mean: 7}, round: nearest}
signposts.deployment_level.error.memory=7
injects.x={on: 2024-11-12, set: {deployment_level: 4}}
phases.defensive_weapons.min_stay={uniform: [1, 9]}
reactions.r={while: any, after: 3, push: {deployment_level: {normal: [0, 0.1]}}}
scenario.evidence=[article-2024-10]
policy.reads.deployment_level.range=[0, 9]""".split("\n")
GUARDS = """\
a >= limit
a >= limit or b >= 1
not (a < b <= limit) and c != 0
median(a, b, limit) > 3
min(a, b) - max(a, b) / 2 == 0
abs(a - b) * 2 >= 1e3
a / b > 1 and days_in_phase >= 14
-a < +b
not a / b > 0
(((a))) > .5
max(a, b, limit, 2, 3) >= median(1, 2)""".split("\n")
