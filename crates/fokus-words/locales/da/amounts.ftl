# Dage, tider og mængder.

month =
    { $month ->
        [1] januar
        [2] februar
        [3] marts
        [4] april
        [5] maj
        [6] juni
        [7] juli
        [8] august
        [9] september
        [10] oktober
        [11] november
       *[12] december
    }
date = { $day }. { month } { $year }
date-month = { month } { $year }
date-about = omkring { $date }
time = { $date } kl. { $hour }.{ $minute }
month-head = { month } { $year }
minutes = { $minutes } min
hours = { $hours } t
hours-minutes = { $hours } t { $minutes } min
decimal = { $whole },{ $places }
per-cent = { $number } %
list-and = { $others } og { $last }
erased = (slettet)
