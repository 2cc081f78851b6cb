"""The demo city: Liaocheng (聊城, 3715) with generated people, so that a newcomer has something to try.

Stands outside the product: it may import every floor, and nothing but set-up and the tour page imports it. All people
are invented: their phones begin with 154, the sequence digits of their ID numbers are 000. Figures of the real city
(882 unions, 305 flexible-employment unions, 2,800 enterprises, 57,768 members) come from a report of its daily paper of
2023-09-06; names of unions follow real usage, firms are invented, platforms are those of the code list.
"""
